#include <cstdio>
#include <fstream>

#include "kubeloop/commands.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/terminal.hpp"
#include "simulator/launcher/cluster_directory.hpp"

namespace kubeloop::cli {
namespace {

using simulator::ClusterDirectory;

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr auto kPollPeriod = std::chrono::milliseconds(200);

// Where the last `lines` lines of a file of `size` bytes begin. Reads backwards, so that a long log costs nothing.
std::streamoff begin_of_tail(std::ifstream& file, std::streamoff size, std::size_t lines) {
  std::string chunk;
  std::size_t seen = 0;
  std::streamoff end = size;
  while (end > 0) {
    auto length = std::min<std::streamoff>(end, kChunkBytes);
    chunk.resize(static_cast<std::size_t>(length));
    file.seekg(end - length);
    file.read(chunk.data(), length);
    for (std::streamoff i = length - 1; i >= 0; --i) {
      bool is_last_byte = end - length + i == size - 1;
      if (chunk[static_cast<std::size_t>(i)] != '\n' || is_last_byte) continue;
      if (++seen == lines) return end - length + i + 1;
    }
    end -= length;
  }
  return 0;
}

std::streamoff size_of(std::ifstream& file) {
  file.clear();
  file.seekg(0, std::ios::end);
  return file.tellg();
}

// Prints from `from` on; where it ended.
std::streamoff print_rest(std::ifstream& file, std::streamoff from) {
  std::string chunk(kChunkBytes, '\0');
  file.clear();
  file.seekg(from);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.gcount() > 0) {
    std::fwrite(chunk.data(), 1, static_cast<std::size_t>(file.gcount()), stdout);
    from += file.gcount();
  }
  std::fflush(stdout);
  return from;
}

awaitable<int> follow(const Env& env, std::string path, std::streamoff at) {
  while (std::ferror(stdout) == 0) {
    co_await sleep_for(env, kPollPeriod);
    std::ifstream file(path, std::ios::binary);
    if (!file) co_return 0;  // `down` has removed it
    if (size_of(file) < at) at = 0;
    at = print_rest(file, at);
  }
  co_return 0;
}

}  // namespace

int run_logs(const LogsCommand& command) {
  Terminal terminal;
  auto directory = ClusterDirectory::of(command.name);
  auto record = directory ? directory->read() : Result<simulator::ClusterRecord>(std::unexpected(directory.error()));
  if (!record) return terminal.fail(record.error());
  std::string path = directory->file("logs/" + command.component + ".log");
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    terminal.error(path + " cannot be read: " + command.component + " has never been started");
    return 1;
  }
  std::streamoff size = size_of(file);
  std::streamoff from = 0;
  if (command.tail) from = *command.tail == 0 ? size : begin_of_tail(file, size, *command.tail);
  std::streamoff at = print_rest(file, from);
  if (!command.is_following) return 0;
  file.close();
  return run_real([&](const Env& env, boost::asio::io_context&) { return follow(env, path, at); });
}

}  // namespace kubeloop::cli
