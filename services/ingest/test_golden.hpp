#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

// For tests: texts as they were read by a person once. AFTERCALL_GOLDEN=write rewrites them; the diff is for
// a person to read.
namespace aftercall::ingest {

inline void expect_golden(const std::string& file, const std::string& result) {
  const std::string path = std::string(SOURCE_DIR) + "/golden/" + file;
  const char* mode = std::getenv("AFTERCALL_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") std::ofstream(path, std::ios::binary) << result;
  std::ifstream in(path, std::ios::binary);
  std::stringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(result, expected.str()) << path;
}

}  // namespace aftercall::ingest
