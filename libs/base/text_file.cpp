#include "libs/base/text_file.hpp"

#include <fstream>
#include <iterator>

namespace kubeloop {

Result<std::string> read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  if (!file || file.bad()) return failure(400, "BadRequest", path + ": cannot be read");
  return text;
}

}  // namespace kubeloop
