// Holds a data directory for one process: an flock on DIRECTORY/lock, which the system drops when the process ends,
// however it ends.
#pragma once
#include <string>
#include <utility>

#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

class DirectoryLock {
 public:
  // Makes the directory (0700) when it is absent. Reason AddressInUse, with the holder's pid, when another process has
  // it.
  static Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace kubeloop::apiserver
