"""The synthetic wearer, data sets, training and evaluation."""
