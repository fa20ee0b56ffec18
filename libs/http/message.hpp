// One request and one response, as plain values: what a Handler takes and gives, whatever carried it (direct call,
// in-memory stream, TLS). Nothing here knows Beast or sockets.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libs/base/env.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::http {

// Header fields in order; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value);
  void set(std::string_view name, std::string value);  // replaces every field of that name
  void erase(std::string_view name);
  // The first value, or "".
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Who is at the other end: from the verified client certificate, or given by the in-process transport. Empty name:
// nobody proved anything.
struct Peer {
  std::string common_name;
  std::vector<std::string> organizations;
  std::string address;  // "127.0.0.1:50312", or the actor in process
};

struct Request {
  std::string method;  // GET, POST, ...
  std::string target;  // path and query as sent
  Headers headers;
  std::string body;
  Peer peer;

  Request() = default;
  Request(std::string m, std::string t) : method(std::move(m)), target(std::move(t)) {}
};

// A body that comes in pieces (a watch). One reader at a time.
class BodyReader {
 public:
  virtual ~BodyReader() = default;  // destroying it cancels the stream
  // The next chunk; empty at the end. Throws operation_aborted when cancelled. An error ends the stream.
  virtual awaitable<Result<std::string>> next() = 0;
};

// An upgraded connection (exec, port-forward): bytes both ways.
class Duplex {
 public:
  virtual ~Duplex() = default;
  virtual awaitable<Result<std::string>> read() = 0;  // empty at the end
  virtual awaitable<Result<void>> write(std::string bytes) = 0;
};

struct Response {
  int code = 200;
  Headers headers;
  std::variant<std::string, std::unique_ptr<BodyReader>, std::unique_ptr<Duplex>> body;

  Response() = default;
  Response(int c, std::string content_type, std::string b);

  bool is_stream() const { return std::holds_alternative<std::unique_ptr<BodyReader>>(body); }
  const std::string& text() const;  // "" for a stream
};

}  // namespace kubeloop::http
