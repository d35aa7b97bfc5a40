#include "control/port_file.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace aftercall::control {

PortFile::PortFile(std::string path, int port) : path_(std::move(path)) {
  if (path_.empty()) return;
  const std::string draft = path_ + ".new";
  std::ofstream file(draft);
  file << port << '\n';
  file.close();
  if (!file) throw std::runtime_error("cannot write port_file " + path_);
  std::filesystem::rename(draft, path_);  // whole or not at all
}

PortFile::~PortFile() {
  std::error_code gone;
  if (!path_.empty()) std::filesystem::remove(path_, gone);
}

}  // namespace aftercall::control
