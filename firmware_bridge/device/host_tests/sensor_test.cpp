// What the sensor says and does, through its line and its pins.
#include "bench_board.h"
#include "check.h"

using namespace crampwatch;
using bench::Board;

namespace {

Bytes cue(uint8_t vibration, uint8_t light, uint16_t duration_ms, uint8_t token) {
  return {vibration, light, static_cast<uint8_t>(duration_ms), static_cast<uint8_t>(duration_ms >> 8), token};
}

TEST(hello_comes_first_and_says_what_it_should) {
  Board board(bench::description(2));
  board.run(100);
  const std::vector<Frame> frames = board.said();
  const Frame hello = frames.at(0);
  CHECK_EQUAL(FrameType::kHello, hello.type);
  CHECK_EQUAL(1, hello.u8(0));
  CHECK_EQUAL(0xFF, hello.u8(1));
  CHECK_EQUAL(ResetCause::kWatchdog, hello.u8(2));
  CHECK_EQUAL(0x1FF, hello.u32(3));
  CHECK_EQUAL(0x10, hello.u8(7));
  CHECK_EQUAL(0, hello.u32(15));
  CHECK_EQUAL(1000, hello.u32(19));
  CHECK_EQUAL(1, hello.u32(23));
  CHECK_EQUAL(10, hello.u16(27));
  CHECK_EQUAL(10, hello.u16(29));
  CHECK_EQUAL(2, hello.u8(31));
  CHECK_EQUAL(kHelloBytes + 3 * kScaleBytes + 1 + 6 + 8 + 10 + 11, hello.payload.size());
  CHECK_EQUAL(FrameType::kSamples, frames.at(1).type);
}

TEST(samples_follow_one_another_and_hold_what_was_sampled) {
  Board board(bench::description(2));
  board.run(995);
  const std::vector<Frame> samples = board.said(FrameType::kSamples);
  CHECK_EQUAL(99, samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    CHECK_EQUAL(9 + 40 + 6, samples[i].payload.size());
    CHECK_EQUAL(10 * i, samples[i].u32(0));
    CHECK_EQUAL(10000 * i, samples[i].u32(4));
    CHECK_EQUAL(0xFF, samples[i].u8(8));
    CHECK_EQUAL(2046, samples[i].u16(9));
    CHECK_EQUAL(2045, samples[i].u16(11));
    CHECK_EQUAL(1, samples[i].u16(49));
    CHECK_EQUAL(3, samples[i].u16(53));
  }
}

TEST(a_board_without_an_accelerometer_says_so_and_sends_none) {
  Board board(bench::description(1, false));
  board.run(100);
  const std::vector<Frame> frames = board.said();
  CHECK_EQUAL(0, frames.at(0).u16(27));
  CHECK_EQUAL(9 + 20, frames.at(1).payload.size());
}

TEST(status_comes_once_a_second_and_counts_rails_and_losses) {
  Board board(bench::description(2));
  board.pins.lead_off = 2;
  board.pins.battery_mv = 3700;
  board.run(5);
  board.emg = 4092;
  board.run(7);
  board.emg = 2046;
  board.run(18);
  board.missing = true;
  board.run(3);
  board.missing = false;
  board.run(3000);
  const std::vector<Frame> statuses = board.said(FrameType::kStatus);
  CHECK_EQUAL(3, statuses.size());
  const Frame last = statuses.back();
  CHECK_EQUAL(3000, last.u32(0) / 10 * 10);
  CHECK_EQUAL(0xFF, last.u8(4));
  CHECK_EQUAL(2, last.u8(5));
  CHECK_EQUAL(3700, last.u16(6));
  CHECK_EQUAL(7, last.u32(8));
  CHECK_EQUAL(3, last.u32(12));
}

TEST(a_line_that_stands_still_loses_whole_frames_and_counts_them) {
  Board board(bench::description());
  board.run(1000);
  board.said();
  board.run(500, 0);
  board.run(1500);
  const std::vector<Frame> frames = board.said();
  uint32_t expected = 0, lost = 0, in_status = 0;
  for (const Frame& frame : frames) {
    if (frame.type == static_cast<uint8_t>(FrameType::kStatus)) in_status = frame.u32(12);
    if (frame.type != static_cast<uint8_t>(FrameType::kSamples)) continue;
    if (expected > 0) lost += frame.u32(0) - expected;
    expected = frame.u32(0) + 10;
  }
  // The ring and the queue carry it over 60 ms at least.
  CHECK(lost > 300 && lost <= 440);
  CHECK_EQUAL(lost, in_status);
}

TEST(a_question_is_answered_within_100_ms_and_costs_no_sample) {
  Board board(bench::description());
  board.run(200);
  board.said();
  for (int i = 0; i < 20; ++i) {
    board.command(FrameType::kHelloRequest, {});
    board.run(100);
  }
  const std::vector<Frame> frames = board.said();
  uint32_t hellos = 0, expected = 0;
  for (const Frame& frame : frames) {
    hellos += frame.type == static_cast<uint8_t>(FrameType::kHello);
    if (frame.type == static_cast<uint8_t>(FrameType::kHello) && expected > 0) CHECK_EQUAL(expected, frame.u32(15));
    if (frame.type != static_cast<uint8_t>(FrameType::kSamples)) continue;
    if (expected > 0) CHECK_EQUAL(expected, frame.u32(0));
    expected = frame.u32(0) + 10;
  }
  CHECK_EQUAL(20, hellos);
}

TEST(a_cue_begins_at_once_is_marked_and_acknowledged) {
  Board board(bench::description());
  board.run(1234);
  board.said();
  board.command(FrameType::kCue, cue(2, 4, 1500, 9));
  CHECK_EQUAL(255, board.drive().vibration);
  CHECK_EQUAL(255, board.drive().light);
  board.run(50);
  const std::vector<Frame> frames = board.said();
  const Frame mark = frames.at(0), ack = frames.at(1);
  CHECK_EQUAL(FrameType::kMark, mark.type);
  CHECK_EQUAL(1234, mark.u32(0));
  CHECK_EQUAL(MarkKind::kCueBegan, mark.u8(5));
  CHECK_EQUAL(0x42, mark.u8(6));
  CHECK_EQUAL(1500, mark.u32(7));
  CHECK_EQUAL(FrameType::kAck, ack.type);
  CHECK_EQUAL(1234, ack.u32(0));
  CHECK_EQUAL(0x81, ack.u8(4));
  CHECK_EQUAL(9, ack.u8(5));
  CHECK_EQUAL(AckResult::kDone, ack.u8(6));
  // Sent ahead of the samples that they belong to.
  CHECK_EQUAL(1230, frames.at(2).u32(0));
  board.run(1500);
  CHECK_EQUAL(0, board.drive().vibration);
}

TEST(a_repeated_command_is_answered_again_and_done_once) {
  Board board(bench::description());
  board.run(100);
  board.said();
  for (int i = 0; i < 3; ++i) {
    board.command(FrameType::kCue, cue(1, 1, 300, 9));
    board.run(200);
  }
  const std::vector<Frame> frames = board.said();
  int marks = 0, acks = 0;
  for (const Frame& frame : frames) {
    marks += frame.type == static_cast<uint8_t>(FrameType::kMark);
    if (frame.type != static_cast<uint8_t>(FrameType::kAck)) continue;
    ++acks;
    CHECK_EQUAL(100, frame.u32(0));
  }
  CHECK_EQUAL(1, marks);
  CHECK_EQUAL(3, acks);
  CHECK_EQUAL(0, board.drive().vibration);
  // The token of a command of another kind is another token.
  board.command(FrameType::kSet, {0, 50, 0, 0, 0, 9});
  board.run(20);
  CHECK_EQUAL(1, board.said(FrameType::kMark).size());
}

TEST(what_makes_no_sense_is_refused_and_moves_nothing) {
  Board board(bench::description());
  board.run(100);
  board.said();
  board.command(FrameType::kCue, cue(6, 0, 1000, 1));
  board.command(FrameType::kCue, cue(0, 200, 1000, 2));
  board.command(FrameType::kSet, {0, 101, 0, 0, 0, 3});
  board.command(FrameType::kSet, {0, 50, 0, 0, 1, 4});
  board.command(FrameType::kSet, {2, 50, 0, 0, 0, 5});
  board.run(100);
  int refused = 0;
  for (const Frame& frame : board.said()) {
    CHECK(frame.type != static_cast<uint8_t>(FrameType::kMark));
    if (frame.type != static_cast<uint8_t>(FrameType::kAck)) continue;
    CHECK_EQUAL(AckResult::kBadArgument, frame.u8(6));
    ++refused;
  }
  CHECK_EQUAL(5, refused);
  CHECK_EQUAL(0, board.drive().vibration);
  CHECK_EQUAL(0, board.drive().light);
}

TEST(short_commands_and_unknown_types_are_skipped) {
  Board board(bench::description());
  board.run(100);
  board.said();
  board.command(FrameType::kCue, {1, 1, 100, 0});
  board.command(FrameType::kSet, {0, 1, 0, 0, 0});
  board.command(FrameType::kKeepalive, {});
  board.hear(sealed(0x7F, {1, 2}));
  board.hear(sealed(0x90, {1, 2}));
  board.hear(sealed(0x02, Bytes(8, 1)));
  board.run(100);
  for (const Frame& frame : board.said()) CHECK_EQUAL(FrameType::kSamples, frame.type);
  CHECK(!board.watched());
}

TEST(a_later_host_may_append_to_its_commands) {
  Board board(bench::description());
  board.run(100);
  Bytes longer = cue(1, 0, 300, 9);
  longer.push_back(77);
  board.command(FrameType::kCue, longer);
  CHECK_EQUAL(255, board.drive().vibration);
}

TEST(a_command_without_room_for_its_answer_is_not_carried_out) {
  Board board(bench::description());
  board.run(1000, 0);
  for (uint8_t token = 1; token < 20; ++token) board.command(FrameType::kCue, cue(1, 1, token, token));
  board.run(2000);
  int marks = 0, acks = 0;
  for (const Frame& frame : board.said()) {
    marks += frame.type == static_cast<uint8_t>(FrameType::kMark);
    acks += frame.type == static_cast<uint8_t>(FrameType::kAck);
  }
  // Of commands of 34 bytes of answers each, as many as fitted, and no half ones.
  CHECK(acks >= 1 && acks < 19);
  CHECK_EQUAL(acks, marks);
}

TEST(strength_is_set_marked_and_kept) {
  Board board(bench::description());
  board.run(100);
  board.said();
  board.command(FrameType::kSet, {0, 40, 0, 0, 0, 3});
  board.command(FrameType::kCue, cue(1, 1, 300, 4));
  CHECK_EQUAL(102, board.drive().vibration);
  CHECK_EQUAL(255, board.drive().light);
  board.run(50);
  const Frame mark = board.said(FrameType::kMark).at(0);
  CHECK_EQUAL(MarkKind::kSettingChanged, mark.u8(5));
  CHECK_EQUAL(0, mark.u8(6));
  CHECK_EQUAL(40, mark.u32(7));
}

TEST(a_press_is_marked_where_it_was_recognised) {
  Board board(bench::description());
  board.run(1000);
  board.said();
  board.pins.button_down = true;
  board.run(200);
  board.pins.button_down = false;
  board.run(200);
  const std::vector<Frame> marks = board.said(FrameType::kMark);
  CHECK_EQUAL(1, marks.size());
  CHECK_EQUAL(MarkKind::kButtonShort, marks[0].u8(5));
  CHECK(marks[0].u32(0) >= 1200 && marks[0].u32(0) < 1230);
  board.pins.button_down = true;
  board.run(3100);
  CHECK_EQUAL(MarkKind::kButtonLong, board.said(FrameType::kMark).at(0).u8(5));
}

TEST(left_alone_it_buzzes_and_marks_each_buzz_until_the_host_is_back) {
  Board board(bench::description());
  board.keepalive();
  CHECK(board.watched());
  board.run(60001);
  CHECK_EQUAL(255, board.drive().vibration);
  board.run(19999);
  std::vector<Frame> marks = board.said(FrameType::kMark);
  CHECK_EQUAL(2, marks.size());
  CHECK_EQUAL(0x55, marks[0].u8(6));
  CHECK_EQUAL(1000, marks[0].u32(7));
  CHECK_EQUAL(10000, marks[1].u32(0) - marks[0].u32(0));
  CHECK_EQUAL(0, board.drive().vibration);
  board.keepalive();
  board.run(59000);
  CHECK_EQUAL(0, board.said(FrameType::kMark).size());
}

TEST(a_short_press_stops_the_buzzing) {
  Board board(bench::description(), true);
  board.run(60100);
  CHECK_EQUAL(255, board.drive().vibration);
  board.pins.button_down = true;
  board.run(100);
  board.pins.button_down = false;
  board.run(100);
  CHECK_EQUAL(0, board.drive().vibration);
  board.said();
  board.run(60000);
  CHECK_EQUAL(0, board.said(FrameType::kMark).size());
  CHECK(board.watched());
}

TEST(commands_are_not_a_sign_of_life) {
  Board board(bench::description());
  board.keepalive();
  for (int second = 0; second < 61; ++second) {
    board.command(FrameType::kHelloRequest, {});
    board.run(1000);
  }
  CHECK_EQUAL(1, board.said(FrameType::kMark).size());
}

}  // namespace

int main() { return run_all_tests(); }
