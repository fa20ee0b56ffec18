#include "apiserver/storage/directory_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace kubeloop::apiserver {
namespace {

std::string read_pid(int fd) {
  char text[32];
  ssize_t n = pread(fd, text, sizeof text, 0);
  std::string pid(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    std::filesystem::create_directories(directory, error);
    if (error) {
      return failure(500, "InternalError",
                     fmt::format("cannot make data directory {}: {}", directory, error.message()));
    }
    chmod(directory.c_str(), 0700);
  }
  std::string path = directory + "/lock";
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failure(500, "InternalError", fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  DirectoryLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return failure(500, "InternalError", fmt::format("cannot lock {}: {}", path, std::strerror(errno)));
    }
    return failure(409, "AddressInUse", fmt::format("data directory {} is in use by {}", directory, read_pid(fd)));
  }
  std::string pid = fmt::format("{}\n", getpid());
  bool is_written = ftruncate(fd, 0) == 0 && pwrite(fd, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
  if (!is_written) return failure(500, "InternalError", fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  return lock;
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace kubeloop::apiserver
