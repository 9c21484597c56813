#include "check.h"
#include "frame_text.h"

using namespace crampwatch;

namespace {

bool write_samples(FrameWriter& writer, uint32_t counter, int samples) {
  writer.begin(FrameType::kSamples);
  writer.put_u32(counter);
  writer.put_u8(7);
  for (int i = 0; i < samples; ++i) writer.put_i16(static_cast<int16_t>(counter + i));
  return writer.end();
}

TEST(a_frame_is_sent_whole_or_not_at_all) {
  FrameWriter writer;
  uint32_t written = 0;
  while (write_samples(writer, written, 10)) ++written;
  CHECK(written >= 5);
  const uint8_t waiting = writer.waiting();
  CHECK(!write_samples(writer, 1000, 10));
  CHECK_EQUAL(waiting, writer.waiting());
  const std::vector<Frame> frames = frames_in(take_all(writer));
  CHECK_EQUAL(written, frames.size());
  for (uint32_t i = 0; i < written; ++i) CHECK_EQUAL(i, frames[i].u32(0));
}

TEST(frames_run_on_over_the_end_of_the_ring) {
  FrameWriter writer;
  Bytes bytes;
  // 29 shares no factor with the ring's 256, so that every frame begins at another place.
  for (uint32_t counter = 0; counter < 600; ++counter) {
    CHECK(write_samples(writer, counter, 8));
    const Bytes sent = take_all(writer);
    CHECK_EQUAL(29, sent.size());
    bytes.insert(bytes.end(), sent.begin(), sent.end());
  }
  const std::vector<Frame> frames = frames_in(bytes);
  CHECK_EQUAL(600, frames.size());
  for (uint32_t i = 0; i < 600; ++i) CHECK_EQUAL(i, frames[i].u32(0));
}

TEST(nothing_of_a_frame_is_seen_before_its_end) {
  FrameWriter writer;
  writer.begin(FrameType::kStatus);
  writer.put_u32(12);
  CHECK_EQUAL(0, writer.waiting());
  CHECK(writer.end());
  CHECK(writer.waiting() > 0);
}

TEST(the_longest_body_fills_the_ring_and_one_more_byte_does_not_fit) {
  const Bytes most(kMaxBodyBytes - 1 - kCrcBytes, 0x11);
  CHECK_EQUAL(kMaxBodyBytes + 3, sealed(0x01, most).size());
  CHECK_EQUAL(1, frames_in(sealed(0x01, most)).size());
  const Bytes too_many(most.size() + 1, 0x11);
  CHECK_EQUAL(0, sealed(0x01, too_many).size());
}

TEST(a_frame_that_did_not_fit_leaves_no_trace_in_the_next) {
  FrameWriter writer;
  writer.begin(FrameType::kHello);
  for (int i = 0; i < 5000; ++i) writer.put_u8(static_cast<uint8_t>(i));
  CHECK(!writer.end());
  CHECK(write_samples(writer, 7, 3));
  const std::vector<Frame> frames = frames_in(take_all(writer));
  CHECK_EQUAL(1, frames.size());
  CHECK_EQUAL(7, frames[0].u32(0));
}

TEST(texts_carry_their_length) {
  FrameWriter writer;
  writer.begin(FrameType::kHello);
  writer.put_text("left-calf");
  writer.put_text("");
  CHECK(writer.end());
  const Frame frame = frames_in(take_all(writer)).at(0);
  CHECK_EQUAL(11, frame.payload.size());
  CHECK_EQUAL(9, frame.u8(0));
  CHECK_EQUAL('l', frame.u8(1));
  CHECK_EQUAL(0, frame.u8(10));
}

TEST(the_reader_gives_up_what_is_too_long_and_takes_the_next) {
  Bytes bytes(300, 0x07);
  bytes.push_back(0);
  const Bytes good = sealed(0x84, {1});
  bytes.insert(bytes.end(), good.begin(), good.end());
  CHECK_EQUAL(1, frames_in(bytes, kMaxCommandBytes).size());
}

TEST(no_byte_may_be_flipped_lost_or_doubled) {
  const Bytes good = sealed(0x81, {2, 4, 0xDC, 0x05, 9});
  for (size_t i = 1; i + 1 < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[i] = static_cast<uint8_t>(bad[i] ^ 1 << bit);
      CHECK_EQUAL(0, frames_in(bad, kMaxCommandBytes).size());
    }
    Bytes lost = good, doubled = good;
    lost.erase(lost.begin() + static_cast<long>(i));
    doubled.insert(doubled.begin() + static_cast<long>(i), good[i]);
    CHECK_EQUAL(0, frames_in(lost, kMaxCommandBytes).size());
    CHECK_EQUAL(0, frames_in(doubled, kMaxCommandBytes).size());
  }
}

}  // namespace

int main() { return run_all_tests(); }
