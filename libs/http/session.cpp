#include "libs/http/session.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <charconv>

#include "libs/base/task_group.hpp"
#include "libs/http/connection_input.hpp"
#include "libs/http/gzip.hpp"
#include "libs/http/message_head.hpp"
#include "libs/http/status_response.hpp"
#include "libs/http/stream_deadline.hpp"
#include "libs/http/streamed_body.hpp"

namespace kubeloop::http {
namespace {

// up to here a body is copied behind its head: one write, one TLS record or two
constexpr std::size_t kGathered = 32 * 1024;
constexpr std::size_t kSlice = 256 * 1024;  // of a large body, within one write-stall deadline

DecoderLimits decoder_limits(const SessionLimits& limits) {
  DecoderLimits decoder;
  decoder.header_bytes = limits.header_bytes;
  decoder.body_bytes = limits.body_bytes;
  return decoder;
}

bool has_no_body(int code) {
  return code / 100 == 1 || code == 204 || code == 304;
}

class Session {
 public:
  Session(std::shared_ptr<SessionHost> host, std::unique_ptr<ByteStream> stream)
      : host_(std::move(host)),
        stream_(std::move(stream)),
        deadline_(host_->env.clock, *stream_),
        input_(*stream_),
        decoder_(decoder_limits(host_->limits)),
        tasks_(host_->env) {}

  awaitable<void> run();

 private:
  awaitable<void> serve();
  awaitable<bool> read_request();
  void set_read_deadline();
  awaitable<Response> call(Request request);
  awaitable<bool> respond(Response response);
  awaitable<bool> respond_with_text(Response response);
  awaitable<bool> respond_with_stream(Response response);
  awaitable<void> refuse();
  awaitable<void> linger();
  awaitable<bool> send(std::string_view first, std::string_view second);
  void append_connection_field(std::string& head);

  enum class Reading { kNothing, kHeader, kBody };

  std::shared_ptr<SessionHost> host_;
  std::unique_ptr<ByteStream> stream_;
  StreamDeadline deadline_;
  ConnectionInput input_;
  RequestDecoder decoder_;
  Signal changed_;
  TaskGroup tasks_;
  std::string out_;
  Reading reading_ = Reading::kNothing;
  bool is_first_ = true;
  // Of the request that is being answered.
  bool is_head_ = false;
  bool is_http_1_0_ = false;
  bool keeps_alive_ = false;
  bool accepts_gzip_ = false;
};

awaitable<void> Session::run() {
  ++host_->counters.connections;
  std::exception_ptr error;
  try {
    co_await serve();
  } catch (...) {
    error = std::current_exception();
  }
  if (deadline_.is_expired()) ++host_->counters.expired;
  deadline_.clear();
  stream_->close();
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await tasks_.stop_and_join();
  co_await asio::this_coro::throw_if_cancelled(true);
  if (error) std::rethrow_exception(error);
}

awaitable<void> Session::serve() {
  deadline_.set(host_->limits.header_read);
  if (auto error = co_await stream_->open(); error) {
    host_->env.log.debug("a connection from {} was not set up: {}", stream_->peer().address, error.message());
    co_return;
  }
  while (co_await read_request()) {
    deadline_.clear();
    is_first_ = false;
    keeps_alive_ = decoder_.keeps_alive();
    is_http_1_0_ = decoder_.is_http_1_0();
    Request request = decoder_.take();
    is_head_ = request.method == "HEAD";
    accepts_gzip_ = accepts_gzip(request.headers);
    request.peer = stream_->peer();
    Response response = co_await call(std::move(request));
    if (!co_await respond(std::move(response)) || !keeps_alive_) co_return;
  }
}

// True when decoder_ holds a whole request; false when the connection is done with.
awaitable<bool> Session::read_request() {
  reading_ = Reading::kNothing;
  bool has_continued = false;
  for (bool is_waiting = false;; is_waiting = true) {
    if (is_waiting || input_.bytes().empty()) {
      set_read_deadline();
      if (!co_await input_.fill()) co_return false;
    }
    input_.consume(decoder_.feed(input_.bytes()));
    if (decoder_.is_done()) co_return true;
    if (decoder_.failure_code() != 0) {
      co_await refuse();
      co_return false;
    }
    if (has_continued || !decoder_.is_header_done() || !decoder_.wants_continue() || decoder_.is_http_1_0()) continue;
    has_continued = true;
    if (!co_await send("HTTP/1.1 100 Continue\r\n\r\n", std::string_view())) co_return false;
    reading_ = Reading::kNothing;  // send() has cleared the deadline of the body
  }
}

// Each phase of a request has one deadline, however the bytes trickle in.
void Session::set_read_deadline() {
  const auto& limits = host_->limits;
  bool has_body_begun = decoder_.is_header_done();
  if (has_body_begun && reading_ != Reading::kBody) {
    reading_ = Reading::kBody;
    deadline_.set(limits.body_read);
  } else if (!has_body_begun && reading_ == Reading::kNothing) {
    bool is_idle = !is_first_ && input_.bytes().empty() && !decoder_.has_begun();
    if (!is_idle) reading_ = Reading::kHeader;
    deadline_.set(is_idle ? limits.idle : limits.header_read);
  }
}

awaitable<Response> Session::call(Request request) {
  ++host_->counters.requests;
  std::string what = "unknown exception";
  try {
    Response response = co_await host_->handler(std::move(request));
    co_return response;
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
  }
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  ++host_->counters.handler_exceptions;
  host_->env.log.error("a handler failed: {}", what);
  co_return status_response(500, "InternalError", "Internal error occurred: " + what);
}

awaitable<bool> Session::respond(Response response) {
  if (std::holds_alternative<std::unique_ptr<Duplex>>(response.body)) {
    response = status_response(501, "", "this server does not upgrade connections");
  }
  if (has_token(response.headers.get("Connection"), "close")) keeps_alive_ = false;
  bool is_sent = false;
  if (response.is_stream()) {
    is_sent = co_await respond_with_stream(std::move(response));
  } else {
    is_sent = co_await respond_with_text(std::move(response));
  }
  co_return is_sent;
}

awaitable<bool> Session::respond_with_text(Response response) {
  auto& body = std::get<std::string>(response.body);
  bool is_bodiless = has_no_body(response.code);
  if (body.size() > host_->limits.gzip_from_bytes && accepts_gzip_ && !is_bodiless && !is_head_ &&
      !response.headers.has("Content-Encoding")) {
    body = co_await gzip(host_->env, body);
    response.headers.add("Content-Encoding", "gzip");
    response.headers.add("Vary", "Accept-Encoding");
  }
  out_.clear();
  append_response_head(out_, response.code, response.headers);
  if (!is_bodiless) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, body.size()).ptr;
    append_field(out_, "Content-Length", std::string_view(digits, end));
  }
  append_connection_field(out_);
  out_ += "\r\n";
  std::string_view rest = is_bodiless || is_head_ ? std::string_view() : std::string_view(body);
  if (rest.size() <= kGathered) {
    out_ += rest;
    rest = std::string_view();
  }
  bool is_sent = co_await send(out_, rest);
  co_return is_sent;
}

awaitable<bool> Session::respond_with_stream(Response response) {
  ++host_->counters.streams;
  auto reader = std::move(std::get<std::unique_ptr<BodyReader>>(response.body));
  bool is_chunked = !is_http_1_0_;
  bool is_bodiless = is_head_ || has_no_body(response.code) || !reader;
  if (!is_chunked) keeps_alive_ = false;
  std::string head;
  append_response_head(head, response.code, response.headers);
  if (is_chunked && !has_no_body(response.code)) append_field(head, "Transfer-Encoding", "chunked");
  append_connection_field(head);
  head += "\r\n";
  if (is_bodiless) {
    reader.reset();
    if (is_chunked && !is_head_ && !has_no_body(response.code)) head += "0\r\n\r\n";
    bool is_sent = co_await send(head, std::string_view());
    co_return is_sent;
  }
  bool is_reading = input_.is_reading_ahead();
  input_.begin_read_ahead();
  if (!is_reading) tasks_.spawn("read ahead", input_.read_ahead(host_->limits.pipelined_bytes, changed_));
  StreamedBody streamed(*host_, *stream_, deadline_, input_, changed_, is_chunked);
  bool is_complete = co_await streamed.run(std::move(head), std::move(reader));
  input_.end_read_ahead();
  co_return is_complete;
}

// Answers bytes that are no acceptable request.
awaitable<void> Session::refuse() {
  ++host_->counters.refused;
  int code = decoder_.failure_code();
  Response response;
  if (code == 413) {
    response = status_response(code, "RequestEntityTooLarge",
                               fmt::format("Request entity too large: limit is {}", host_->limits.body_bytes));
  } else if (code == 431) {
    response = status_response(code, "RequestHeaderFieldsTooLarge",
                               fmt::format("the request header is too large: limit is {}", host_->limits.header_bytes));
  } else {
    response = status_response(code, "BadRequest", fmt::format("the request is not HTTP/1.1: {}", decoder_.failure()));
  }
  keeps_alive_ = is_head_ = is_http_1_0_ = accepts_gzip_ = false;
  if (co_await respond_with_text(std::move(response))) co_await linger();
}

// Closing a socket with unread bytes resets the connection, and the client would lose the answer: read on for a while.
awaitable<void> Session::linger() {
  stream_->end_writing();
  deadline_.set(host_->limits.linger);
  std::size_t left = host_->limits.linger_bytes;
  for (bool has_more = true; has_more;) {
    std::size_t n = input_.bytes().size();
    if (n > left) co_return;
    left -= n;
    input_.consume(n);
    has_more = co_await input_.fill();
  }
}

awaitable<bool> Session::send(std::string_view first, std::string_view second) {
  std::string_view slice = second.substr(0, kSlice);
  deadline_.set(host_->limits.write_stall);
  auto error = co_await stream_->write(first, slice);
  while (!error && slice.size() < second.size()) {
    second.remove_prefix(slice.size());
    slice = second.substr(0, kSlice);
    deadline_.set(host_->limits.write_stall);
    error = co_await stream_->write(slice, std::string_view());
  }
  deadline_.clear();
  co_return !error;
}

void Session::append_connection_field(std::string& head) {
  if (!keeps_alive_) {
    append_field(head, "Connection", "close");
  } else if (is_http_1_0_) {
    append_field(head, "Connection", "keep-alive");
  }
}

}  // namespace

awaitable<void> serve_session(std::shared_ptr<SessionHost> host, std::unique_ptr<ByteStream> stream) {
  Session session(std::move(host), std::move(stream));
  co_await session.run();
}

}  // namespace kubeloop::http
