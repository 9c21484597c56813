// What must hold of a config, whichever is built. To be included after it.
#pragma once

#include "../core/emg_scale.h"
#include "../core/sample_queue.h"
#include "../core/wire_format.h"

namespace crampwatch {

constexpr Scale kEmgScale = emg_scale(config::kConversions, config::kReferenceMillivolts, config::kGain);
static_assert(fits_edf(kEmgScale.physical_min.mantissa) && fits_edf(kEmgScale.physical_max.mantissa),
              "kReferenceMillivolts and kGain: the scale does not fit an EDF header");

constexpr uint16_t kConversionUs = 104;
static_assert(config::kChannels >= 1 && config::kChannels <= kMaxChannels, "one or two channels");
static_assert((config::kChannels * config::kConversions + (config::kBatteryPin != config::kNotWired)) * kConversionUs <
                  1000000 / kEmgRateHz,
              "kConversions: a sample's conversions do not fit into its millisecond");

// Each of these is one byte longer than its text, as the text is in HELLO.
constexpr uint16_t kHelloTexts = sizeof(config::kName) + sizeof(config::kFirmware) + sizeof(config::kPrefilter) +
                                 sizeof(config::kSite1) + (config::kChannels > 1 ? sizeof(config::kSite2) : 0);
constexpr uint16_t kHelloPayload = kHelloBytes + (config::kChannels + 1) * kScaleBytes + kHelloTexts;
static_assert(1 + kHelloPayload + kCrcBytes <= kMaxBodyBytes, "HELLO is too long: shorten the texts");
static_assert(sizeof(config::kName) - 1 <= kNameBytes, "kName is too long");
static_assert(sizeof(config::kFirmware) - 1 <= kLabelBytes, "kFirmware is too long");
static_assert(sizeof(config::kPrefilter) - 1 <= kPrefilterBytes, "kPrefilter is too long");
static_assert(sizeof(config::kSite1) - 1 <= kLabelBytes, "kSite1 is too long");
static_assert(sizeof(config::kSite2) - 1 <= kLabelBytes, "kSite2 is too long");

}  // namespace crampwatch
