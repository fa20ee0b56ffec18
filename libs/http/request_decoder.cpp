#include "libs/http/request_decoder.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <optional>

namespace kubeloop::http {

namespace beast = boost::beast;
using boost::system::error_code;

namespace {

// A body is taken as it comes; no more than this is reserved on the word of a Content-Length.
constexpr std::uint64_t kLargestReserve = 256 * 1024;

class Message final : public beast::http::basic_parser<true> {
 public:
  explicit Message(const DecoderLimits& limits) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    body_limit(limits.body_bytes);
  }

  Request request;
  bool is_http_1_0 = false;
  bool wants_continue = false;

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       error_code&) override {
    request.method.assign(method.data(), method.size());
    request.target.assign(target.data(), target.size());
    is_http_1_0 = version == 10;
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field name, beast::string_view text, beast::string_view value, error_code&) override {
    if (is_header_done()) return;  // a trailer
    if (name == beast::http::field::expect && beast::iequals(value, "100-continue")) wants_continue = true;
    request.headers.add(std::string(text), std::string(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(std::min(*length, kLargestReserve));
  }
  std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
};

int code_of(error_code error) {
  if (error == beast::http::error::body_limit) return 413;
  if (error == beast::http::error::header_limit) return 431;
  return 400;
}

}  // namespace

struct RequestDecoder::Parser {
  std::optional<Message> message;
  std::size_t header_size = 0;
  int failure_code = 0;
  std::string failure;

  void fail(error_code error) {
    failure_code = code_of(error);
    failure = error.message();
  }
};

RequestDecoder::RequestDecoder(DecoderLimits limits) : limits_(limits), parser_(std::make_unique<Parser>()) {
  parser_->message.emplace(limits_);
}
RequestDecoder::~RequestDecoder() = default;

std::size_t RequestDecoder::feed(std::string_view bytes) {
  auto& message = *parser_->message;
  std::size_t taken = 0;
  while (!message.is_done() && taken < bytes.size() && parser_->failure_code == 0) {
    error_code error;
    bool was_header_done = message.is_header_done();
    std::size_t n = message.put(asio::const_buffer(bytes.data() + taken, bytes.size() - taken), error);
    taken += n;
    if (!was_header_done) parser_->header_size += n;
    if (error == beast::http::error::need_more) {
      // What the parser holds back is a part of the header, of a chunk's head or of the trailers: all of them are
      // bounded.
      std::size_t held = bytes.size() - taken + (was_header_done ? 0 : parser_->header_size);
      if (held > limits_.header_bytes) parser_->fail(beast::http::error::header_limit);
      break;
    }
    if (error) parser_->fail(error);
  }
  if (parser_->failure_code == 0 && parser_->header_size > limits_.header_bytes) {
    parser_->fail(beast::http::error::header_limit);
  }
  return taken;
}

bool RequestDecoder::has_begun() const {
  return parser_->header_size > 0;
}
bool RequestDecoder::is_header_done() const {
  return parser_->message->is_header_done();
}
bool RequestDecoder::is_done() const {
  return parser_->failure_code == 0 && parser_->message->is_done();
}
int RequestDecoder::failure_code() const {
  return parser_->failure_code;
}
std::string_view RequestDecoder::failure() const {
  return parser_->failure;
}
bool RequestDecoder::keeps_alive() const {
  return parser_->message->keep_alive();
}
bool RequestDecoder::is_http_1_0() const {
  return parser_->message->is_http_1_0;
}
bool RequestDecoder::wants_continue() const {
  return parser_->message->wants_continue;
}

Request RequestDecoder::take() {
  Request request = std::move(parser_->message->request);
  parser_->message.emplace(limits_);
  parser_->header_size = 0;
  return request;
}

}  // namespace kubeloop::http
