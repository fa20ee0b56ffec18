#include "libs/http/response_decoder.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>

namespace kubeloop::http {

namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr std::size_t kHeaderLimit = 64 * 1024;
constexpr std::uint64_t kLargestReserve = 4 * 1024 * 1024;

bool is_of_connection(beast::http::field name) {
  using beast::http::field;
  return name == field::content_length || name == field::transfer_encoding || name == field::connection ||
         name == field::keep_alive;
}

class Message final : public beast::http::basic_parser<false> {
 public:
  Message(bool is_head, std::size_t limit) {
    header_limit(kHeaderLimit);
    skip(is_head);
    if (limit == 0) {
      body_limit(boost::none);
    } else {
      body_limit(limit);
    }
  }

  Response head;
  std::string body;

 private:
  void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int, error_code&) override {}
  void on_response_impl(int code, beast::string_view, int, error_code&) override { head.code = code; }
  void on_field_impl(beast::http::field name, beast::string_view text, beast::string_view value, error_code&) override {
    if (is_header_done() || is_of_connection(name)) return;
    head.headers.add(std::string(text), std::string(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) body.reserve(std::min(*length, kLargestReserve));
  }
  std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
};

}  // namespace

struct ResponseDecoder::Parser {
  Parser(bool is_head, std::size_t limit) : message(is_head, limit) {}
  Message message;
  bool is_failed = false;
  std::string failure;

  void fail(error_code error) {
    is_failed = true;
    failure = error.message();
  }
};

ResponseDecoder::ResponseDecoder(bool is_head, std::size_t body_limit)
    : parser_(std::make_unique<Parser>(is_head, body_limit)) {}
ResponseDecoder::~ResponseDecoder() = default;

std::size_t ResponseDecoder::feed(std::string_view bytes) {
  auto& message = parser_->message;
  std::size_t taken = 0;
  while (!message.is_done() && taken < bytes.size() && !parser_->is_failed) {
    error_code error;
    taken += message.put(asio::const_buffer(bytes.data() + taken, bytes.size() - taken), error);
    if (error == beast::http::error::need_more) {
      if (bytes.size() - taken > kHeaderLimit) parser_->fail(beast::http::error::header_limit);
      break;
    }
    if (error) parser_->fail(error);
  }
  return taken;
}

void ResponseDecoder::feed_end() {
  if (is_done() || is_failed()) return;
  error_code error = beast::http::error::partial_message;
  if (parser_->message.got_some()) parser_->message.put_eof(error);
  if (error) parser_->fail(error);
}

bool ResponseDecoder::is_header_done() const {
  return parser_->message.is_header_done();
}
bool ResponseDecoder::is_done() const {
  return !parser_->is_failed && parser_->message.is_done();
}
bool ResponseDecoder::is_failed() const {
  return parser_->is_failed;
}
std::string_view ResponseDecoder::failure() const {
  return parser_->failure;
}
int ResponseDecoder::code() const {
  return parser_->message.head.code;
}
bool ResponseDecoder::is_chunked() const {
  return parser_->message.chunked();
}
bool ResponseDecoder::keeps_alive() const {
  return parser_->message.keep_alive();
}
Response ResponseDecoder::take_head() {
  return std::move(parser_->message.head);
}
std::string ResponseDecoder::take_body() {
  return std::exchange(parser_->message.body, {});
}

}  // namespace kubeloop::http
