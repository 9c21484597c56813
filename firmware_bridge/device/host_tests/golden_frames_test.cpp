// The frames that host and firmware are both tested against, byte by byte.
#include <fstream>
#include <sstream>

#include "check.h"
#include "frame_text.h"

using namespace crampwatch;

namespace {

const char* golden_path;

struct Golden {
  std::string what, name;
  Bytes type, payload, sent;
};

std::vector<Golden> golden(const std::string& what) {
  std::ifstream file(golden_path);
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Golden one;
    std::string type, payload, sent;
    words >> one.what >> one.name;
    if (one.what != what) continue;
    if (what == "frame") words >> type >> payload;
    if (what == "reject") words >> type;
    words >> sent;
    one.type = what == "frame" ? from_hex(type) : Bytes();
    one.payload = payload == "-" ? Bytes() : from_hex(payload);
    one.sent = from_hex(sent);
    all.push_back(one);
  }
  CHECK(!all.empty());
  return all;
}

const Bytes kKeepalive = from_hex("00078401267f316900");

TEST(writes_every_golden_frame_byte_for_byte) {
  for (const Golden& frame : golden("frame")) {
    std::puts(frame.name.c_str());
    CHECK(sealed(frame.type[0], frame.payload) == frame.sent);
  }
}

TEST(reads_every_golden_frame) {
  for (const Golden& frame : golden("frame")) {
    const std::vector<Frame> got = frames_in(frame.sent);
    CHECK_EQUAL(1, got.size());
    CHECK_EQUAL(frame.type[0], got[0].type);
    CHECK(got[0].payload == frame.payload);
  }
}

TEST(every_golden_command_fits_the_input_buffer) {
  int commands = 0;
  for (const Golden& frame : golden("frame")) {
    const bool downward = frame.type[0] >= 0x80;
    commands += downward;
    if (downward) CHECK_EQUAL(1, frames_in(frame.sent, kMaxCommandBytes).size());
  }
  CHECK(commands >= 4);
}

TEST(rejects_every_damaged_frame_and_hears_the_next) {
  for (const Golden& frame : golden("reject")) {
    std::puts(frame.name.c_str());
    Bytes bytes = frame.sent;
    CHECK_EQUAL(0, frames_in(bytes).size());
    bytes.insert(bytes.end(), kKeepalive.begin(), kKeepalive.end());
    CHECK_EQUAL(1, frames_in(bytes).size());
    CHECK_EQUAL(1, frames_in(bytes, kMaxCommandBytes).size());
  }
}

TEST(a_frame_of_unknown_type_is_a_frame) {
  for (const Golden& frame : golden("skip")) CHECK_EQUAL(1, frames_in(frame.sent).size());
}

}  // namespace

int main(int count, char** arguments) {
  golden_path = count > 1 ? arguments[1] : "golden_frames.txt";
  return run_all_tests();
}
