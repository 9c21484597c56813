// Tests that name a promise, and a check that says what it expected and got.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <vector>

struct Test {
  const char* name;
  void (*run)();
};

inline std::vector<Test>& all_tests() {
  static std::vector<Test> tests;
  return tests;
}

struct Registration {
  Registration(const char* name, void (*run)()) { all_tests().push_back({name, run}); }
};

#define TEST(name)                              \
  static void name();                           \
  static Registration register_##name(#name, name); \
  static void name()

template <typename Expected, typename Got>
void check_equal(const Expected& expected, const Got& got, const char* text, const char* file, int line) {
  if (static_cast<long long>(expected) == static_cast<long long>(got)) return;
  std::fprintf(stderr, "%s:%d: %s: expected %lld, got %lld\n", file, line, text, static_cast<long long>(expected),
               static_cast<long long>(got));
  std::exit(1);
}

#define CHECK_EQUAL(expected, got) check_equal(expected, got, #got, __FILE__, __LINE__)
#define CHECK(condition) check_equal(true, static_cast<bool>(condition), #condition, __FILE__, __LINE__)

// Runs all tests of the program; the first that fails ends it.
inline int run_all_tests() {
  for (const Test& test : all_tests()) {
    std::puts(test.name);
    std::fflush(stdout);
    test.run();
  }
  return all_tests().empty() ? 1 : 0;
}
