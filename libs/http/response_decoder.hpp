// Bytes to a Response, through Beast's parser (which stays in the .cpp). Pure: it reads nothing itself. The body can be
// taken piece by piece while it comes (a watch) or at the end.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "libs/http/message.hpp"

namespace kubeloop::http {

class ResponseDecoder {
 public:
  // `is_head`: the answer to a HEAD request, which has no body. `body_limit` in bytes; 0: none (a stream that is taken
  // as it comes).
  ResponseDecoder(bool is_head, std::size_t body_limit);
  ~ResponseDecoder();

  // As RequestDecoder::feed.
  std::size_t feed(std::string_view bytes);
  // The other side has closed. Ends a body that lasts until then; any other unfinished message fails.
  void feed_end();

  bool is_header_done() const;
  bool is_done() const;
  bool is_failed() const;
  std::string_view failure() const;

  // Valid when the header is done.
  int code() const;
  bool is_chunked() const;
  bool keeps_alive() const;
  // Code and headers, without those that belong to the connection (Content-Length, Transfer-Encoding, Connection).
  Response take_head();

  // What has come of the body since the last call.
  std::string take_body();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace kubeloop::http
