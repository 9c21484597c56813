// The portable core as a board in the network: samples in real time, its frames over TCP on loopback.
// Usage: board_on_tcp SPEED. Prints "port N", and ends when its standard input does.
// It does as a cordless board has to: the newest host takes the line over from one that may be gone without a word,
// and what the network does not take at once waits in 4 KiB, then in the core's queues, and is lost then.
// Sample n of the count says n * 79 modulo 4001; acceleration says nothing of interest.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "bench_board.h"

namespace {

constexpr int kSendBufferBytes = 4096;
// What waits outside the core for the socket, and what the core may add to it in a millisecond.
constexpr size_t kMostWaiting = 1024;
constexpr unsigned kLineBytes = 64;
constexpr uint32_t kStep = 79, kModulus = 4001;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int listen_on_loopback() {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  sockaddr* const any = reinterpret_cast<sockaddr*>(&address);
  // Small from the beginning: what is accepted inherits it.
  setsockopt(server, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof kSendBufferBytes);
  if (server < 0 || bind(server, any, size) || listen(server, 8) || getsockname(server, any, &size)) fail("listen");
  std::printf("port %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return server;
}

class Link {
 public:
  int descriptor() const { return client_; }
  bool waiting() const { return !out_.empty(); }
  bool full() const { return out_.size() >= kMostWaiting; }

  void take_over(int server) {
    const int fresh = accept(server, nullptr, nullptr);
    if (fresh < 0) return;
    drop();
    client_ = fresh;
    const int on = 1;
    setsockopt(client_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  void hear(bench::Board& board) {
    uint8_t bytes[256];
    const ssize_t count = recv(client_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count <= 0) return drop();
    board.hear(Bytes(bytes, bytes + count));
  }

  void say(const Bytes& bytes) {
    // With nobody there the bytes fall out of the open end.
    if (client_ >= 0) out_.insert(out_.end(), bytes.begin(), bytes.end());
  }

  void send_on() {
    const ssize_t count = send(client_, out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) return drop();
    if (count > 0) out_.erase(out_.begin(), out_.begin() + count);
  }

 private:
  void drop() {
    if (client_ >= 0) close(client_);
    client_ = -1;
    out_.clear();
  }

  int client_ = -1;
  Bytes out_;
};

void live(bench::Board& board, Link& link, uint32_t until_ms) {
  while (board.now_ms < until_ms) {
    board.emg = static_cast<int16_t>(static_cast<uint64_t>(board.now_ms) * kStep % kModulus);
    board.run(1, link.full() ? 0 : kLineBytes);
    link.say(board.line);
    board.line.clear();
  }
}

}  // namespace

int main(int count, char** arguments) {
  const double speed = count > 1 ? std::atof(arguments[1]) : 1.0;
  const int server = listen_on_loopback();
  bench::Board board(bench::description());
  Link link;
  const auto began = std::chrono::steady_clock::now();
  for (;;) {
    const short events = static_cast<short>(POLLIN | (link.waiting() ? POLLOUT : 0));
    pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {server, POLLIN, 0}, {link.descriptor(), events, 0}};
    poll(watched, 3, 1);
    if (watched[0].revents) return 0;
    if (watched[2].revents & POLLOUT) link.send_on();
    if (watched[2].revents & (POLLIN | POLLHUP | POLLERR) && link.descriptor() >= 0) link.hear(board);
    if (watched[1].revents) link.take_over(server);
    const std::chrono::duration<double, std::milli> lived = std::chrono::steady_clock::now() - began;
    live(board, link, static_cast<uint32_t>(lived.count() * speed));
  }
}
