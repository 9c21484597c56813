// Why the chip started.
#pragma once

#include "../core/wire_format.h"

namespace crampwatch {

// Unknown where the boot loader has cleared the chip's own note of it, as the Uno's does.
ResetCause reset_cause();

}  // namespace crampwatch
