#include "control/private_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace aftercall::control {

Result<void> check_private(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0)
    return fail(Cause::SetupIncomplete, path + " cannot be read: " + std::strerror(errno));
  if (!S_ISREG(file.st_mode)) return fail(Cause::SetupIncomplete, path + " is no file");
  if ((file.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(Cause::SetupIncomplete, path + " holds secrets and is open to others: chmod 600 " + path);
  return {};
}

}  // namespace aftercall::control
