"""`crampwatch replay`: recordings through the pipeline that runs live: one, many, or a cluster's worth of them."""
