#include "libs/http/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace kubeloop::http {
namespace {

constexpr std::size_t kSlice = 64 * 1024;
constexpr int kGzipWindow = 15 + 16;  // the largest window, gzip header and trailer
constexpr int kLevel = 1;             // as the Kubernetes API server compresses

class Deflater {
 public:
  Deflater() {
    if (deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("gzip: out of memory");
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;

  void add(const char* data, std::size_t size, bool is_last, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data));
    stream_.avail_in = static_cast<uInt>(size);
    do {
      std::size_t used = out.size();
      out.resize(used + kSlice);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      stream_.avail_out = kSlice;
      deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

}  // namespace

awaitable<std::string> gzip(const Env& env, const std::string& text) {
  Deflater deflater;
  std::string out;
  std::size_t at = 0;
  do {
    if (at > 0) co_await yield(env);
    std::size_t n = std::min(kSlice, text.size() - at);
    deflater.add(text.data() + at, n, at + n == text.size(), out);
    at += n;
  } while (at < text.size());
  co_return out;
}

}  // namespace kubeloop::http
