#include "simulator/scenario/input_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kMaxFileBytes = 8u << 20;

}  // namespace

Result<std::string> read_input_file(const std::string& path) {
  std::error_code ec;
  auto kind = std::filesystem::status(path, ec).type();
  if (kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found) {
    return failure(400, "BadRequest", path + ": is no regular file");
  }
  if (std::filesystem::file_size(path, ec) > kMaxFileBytes && !ec) {
    return failure(413, "RequestEntityTooLarge", path + ": larger than 8 MiB");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return failure(404, "NotFound", path + ": no such file, or it cannot be read");
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (text.size() > kMaxFileBytes) return failure(413, "RequestEntityTooLarge", path + ": larger than 8 MiB");
  return text;
}

}  // namespace kubeloop::simulator
