#include "libs/http/socket_stream.hpp"

#include <boost/asio/ssl/stream.hpp>

#include "libs/http/socket_stream_impl.hpp"

namespace kubeloop::http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using Socket = tcp::socket;
using TlsSocket = asio::ssl::stream<tcp::socket>;

template <class AnySocket>
std::string address_of(AnySocket& socket) {
  error_code error;
  auto endpoint = socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

template <class AnySocket>
void send_at_once(AnySocket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
}

class PlainServerStream final : public StreamOver<Socket> {
 public:
  explicit PlainServerStream(Socket socket) : StreamOver(std::move(socket)) {
    peer_.address = address_of(stream_);
    send_at_once(stream_);
  }
  awaitable<error_code> open() override { co_return error_code(); }
};

class TlsServerStream final : public StreamOver<TlsSocket> {
 public:
  TlsServerStream(Socket socket, TlsContext context) : StreamOver(std::move(socket), *context), context_(context) {
    peer_.address = address_of(stream_.lowest_layer());
    send_at_once(stream_.lowest_layer());
  }
  awaitable<error_code> open() override {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await stream_.async_handshake(asio::ssl::stream_base::server, token);
    if (!error) read_peer(stream_.native_handle(), peer_);
    co_return error;
  }

 private:
  TlsContext context_;
};

class PlainClientStream final : public StreamOver<Socket> {
 public:
  PlainClientStream(asio::any_io_executor executor, tcp::endpoint endpoint)
      : StreamOver(executor), endpoint_(endpoint) {}
  awaitable<error_code> open() override {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await stream_.async_connect(endpoint_, token);
    if (!error) send_at_once(stream_);
    co_return error;
  }

 private:
  tcp::endpoint endpoint_;
};

class TlsClientStream final : public StreamOver<TlsSocket> {
 public:
  TlsClientStream(asio::any_io_executor executor, tcp::endpoint endpoint, TlsContext context,
                  const std::string& server_name)
      : StreamOver(executor, *context), context_(context), endpoint_(endpoint) {
    expect_server_name(stream_.native_handle(), server_name);
  }
  awaitable<error_code> open() override {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await stream_.lowest_layer().async_connect(endpoint_, token);
    if (error) co_return error;
    send_at_once(stream_.lowest_layer());
    auto handshake = asio::redirect_error(asio::use_awaitable, error);
    co_await stream_.async_handshake(asio::ssl::stream_base::client, handshake);
    co_return error;
  }

 private:
  TlsContext context_;
  tcp::endpoint endpoint_;
};

}  // namespace

std::unique_ptr<ByteStream> make_server_stream(tcp::socket socket, TlsContext context) {
  if (!context) return std::make_unique<PlainServerStream>(std::move(socket));
  return std::make_unique<TlsServerStream>(std::move(socket), std::move(context));
}

std::unique_ptr<ByteStream> make_client_stream(asio::any_io_executor executor, tcp::endpoint endpoint,
                                               TlsContext context, std::string server_name) {
  if (!context) return std::make_unique<PlainClientStream>(std::move(executor), endpoint);
  return std::make_unique<TlsClientStream>(std::move(executor), endpoint, std::move(context), server_name);
}

}  // namespace kubeloop::http
