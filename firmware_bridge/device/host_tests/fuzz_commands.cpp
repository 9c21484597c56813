// Throws random and damaged bytes at the sensor's ear, and looks that nothing but what WIRE.md allows comes of it.
// Usage: fuzz_commands SEED SEQUENCES. Prints what it tried; ends at the first thing that is wrong.
#include <algorithm>
#include <random>

#include "bench_board.h"
#include "check.h"

using namespace crampwatch;
using bench::Board;

namespace {

std::mt19937 chance;

uint32_t below(uint32_t limit) { return std::uniform_int_distribution<uint32_t>(0, limit - 1)(chance); }
uint8_t any_byte() { return static_cast<uint8_t>(below(256)); }

Bytes noise(uint32_t most) {
  Bytes bytes(below(most + 1));
  std::generate(bytes.begin(), bytes.end(), any_byte);
  return bytes;
}

// A sound frame: of a known command more often than not, of any length, with arguments in and out of range.
Bytes sound_frame() {
  const uint8_t known[] = {0x81, 0x82, 0x83, 0x84};
  const uint8_t type = below(4) ? known[below(4)] : any_byte();
  Bytes payload = noise(below(3) ? 8 : 30);
  if (below(2)) {
    for (uint8_t& byte : payload) byte = static_cast<uint8_t>(below(8));
  }
  return sealed(type, payload);
}

// A command as a host would send it, its arguments around the edges of what may be.
Bytes likely_command() {
  const auto few = [](uint32_t limit) { return static_cast<uint8_t>(below(limit)); };
  const uint8_t token = few(4), percent = static_cast<uint8_t>(98 + few(5));
  switch (below(3)) {
    case 0: return sealed(0x81, {few(8), few(8), any_byte(), any_byte(), token});
    case 1: return sealed(0x82, {few(3), percent, 0, 0, static_cast<uint8_t>(few(9) == 0), token});
    default: return sealed(0x84, {any_byte()});
  }
}

Bytes damaged(Bytes frame) {
  for (uint32_t times = 1 + below(3); times > 0 && !frame.empty(); --times) {
    const auto at = frame.begin() + below(static_cast<uint32_t>(frame.size()));
    switch (below(4)) {
      case 0: *at = any_byte(); break;
      case 1: *at = static_cast<uint8_t>(*at ^ 1u << below(8)); break;
      case 2: frame.erase(at); break;
      default: frame.insert(at, any_byte());
    }
  }
  return frame;
}

struct Tally {
  long bytes, cues, settings, refused, hellos, acknowledged;
};

// What may come of bytes: sound frames of the board's own types, and a cue that ends.
void judge(Board& board, Tally& tally) {
  for (const Frame& frame : board.said()) {
    CHECK(frame.type >= 0x01 && frame.type <= 0x05);
    tally.hellos += frame.type == static_cast<uint8_t>(FrameType::kHello);
    if (frame.type == static_cast<uint8_t>(FrameType::kAck)) {
      CHECK(frame.u8(4) == 0x81 || frame.u8(4) == 0x82);
      CHECK(frame.u8(6) == 0 || frame.u8(6) == 2);
      tally.refused += frame.u8(6) == 2;
      ++tally.acknowledged;
    }
    if (frame.type != static_cast<uint8_t>(FrameType::kMark)) continue;
    if (frame.u8(5) == static_cast<uint8_t>(MarkKind::kCueBegan)) {
      CHECK((frame.u8(6) & 0x0F) < kPatterns && frame.u8(6) >> 4 < kPatterns);
      CHECK(frame.u32(7) <= 0xFFFF);
      ++tally.cues;
    } else {
      CHECK_EQUAL(MarkKind::kSettingChanged, frame.u8(5));
      CHECK(frame.u8(6) < kSettings && frame.u32(7) <= 100);
      ++tally.settings;
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  chance.seed(count > 1 ? static_cast<uint32_t>(std::atol(arguments[1])) : 1);
  const long sequences = count > 2 ? std::atol(arguments[2]) : 1000;
  Tally tally = {};
  Board board(bench::description(2));
  for (long i = 0; i < sequences; ++i) {
    const uint32_t kind = below(6);
    Bytes bytes = kind == 0   ? noise(200)
                  : kind == 1 ? damaged(sound_frame())
                  : kind == 2 ? damaged(likely_command())
                  : kind == 3 ? sound_frame()
                              : likely_command();
    if (kind == 4) bytes.resize(below(static_cast<uint32_t>(bytes.size()) + 1));
    tally.bytes += static_cast<long>(bytes.size());
    board.hear(bytes);
    board.run(1 + below(20), below(20));
    if (i % 16 == 0) judge(board, tally);
    // From time to time a minute of silence: no KEEPALIVE came, every cue has ended.
    if (i % 4096 != 4095) continue;
    board.hear({0});
    board.keepalive(false);
    board.run(66000, 20);
    judge(board, tally);
    CHECK_EQUAL(0, board.drive().vibration);
    CHECK_EQUAL(0, board.drive().light);
  }
  std::printf("%ld sequences, %ld bytes: %ld acknowledged, of which %ld refused; %ld cues, %ld settings, %ld hellos\n",
              sequences, tally.bytes, tally.acknowledged, tally.refused, tally.cues, tally.settings, tally.hellos);
  return 0;
}
