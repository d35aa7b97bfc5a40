#pragma once
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

// For tests of connectors: whole texts in files, read in review. AFTERCALL_GOLDEN=write rewrites them.
namespace aftercall::crm {

inline void expect_golden(const std::string& path, const std::string& text) {
  const char* const mode = std::getenv("AFTERCALL_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") {
    EXPECT_TRUE(std::ofstream(path, std::ios::binary) << text) << path << " cannot be written";
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing; AFTERCALL_GOLDEN=write makes it";
  const std::string golden((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, golden) << path;
}

}  // namespace aftercall::crm
