// Bytes to a Request, one at a time, through Beast's parser (which stays in the .cpp). Pure: it reads nothing itself.
// Bytes after the end of a request are left to the caller.
#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

#include "libs/http/message.hpp"

namespace kubeloop::http {

struct DecoderLimits {
  std::size_t header_bytes = 64 * 1024;  // start line and fields together
  std::size_t body_bytes = 3 * 1024 * 1024;
};

class RequestDecoder {
 public:
  explicit RequestDecoder(DecoderLimits limits);
  ~RequestDecoder();

  // Takes the bytes that follow what it has taken, and says how many it took. The others must be presented again, with
  // more behind them, unless the request is done or has failed.
  std::size_t feed(std::string_view bytes);

  bool has_begun() const;  // some bytes of the request have been taken
  bool is_header_done() const;
  bool is_done() const;
  // 0, or the code that answers the bad bytes: 400, 413 (body beyond its limit), 431 (header beyond its limit).
  int failure_code() const;
  std::string_view failure() const;  // what was wrong

  // Valid when the header is done.
  bool keeps_alive() const;
  bool is_http_1_0() const;
  bool wants_continue() const;  // Expect: 100-continue

  // The finished request; the decoder then starts on the next one.
  Request take();

 private:
  struct Parser;
  DecoderLimits limits_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace kubeloop::http
