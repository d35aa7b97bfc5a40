#pragma once
#include <string>

namespace aftercall::control {

// Tells others which port the system chose, by a file; gone when this goes.
class PortFile {
 public:
  PortFile(std::string path, int port);  // "" = no file; throws std::runtime_error when it cannot be written
  ~PortFile();
  PortFile(const PortFile&) = delete;
  PortFile& operator=(const PortFile&) = delete;

 private:
  std::string path_;
};

}  // namespace aftercall::control
