#include <fmt/format.h>

#include <cstdio>

#include "kubeloop/commands.hpp"
#include "kubeloop/flow_line.hpp"
#include "kubeloop/real_loop.hpp"
#include "kubeloop/terminal.hpp"
#include "libs/api/time.hpp"
#include "simulator/launcher/hub_connection.hpp"
#include "simulator/story/flow_event.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

bool concerns(const FlowEvent& event, const std::string& pod) {
  if (pod.empty()) return true;
  if (event.kind == "note") return event.data.is_object() && event.data.value("pod", "") == pod;
  auto parts = event.parts();
  if (parts.resource == "pods") return parts.namespace_ + "/" + parts.name == pod;
  // Events are named after what they are about.
  return parts.resource.starts_with("events") && (parts.namespace_ + "/" + parts.name).starts_with(pod + ".");
}

awaitable<int> flow(const Env& env, boost::asio::io_context& context, FlowCommand command, Terminal& terminal) {
  auto hub = connect_to_cluster(env, context, command.name);
  if (!hub) {
    terminal.error(hub.error().message);
    co_return 1;
  }
  http::Request request("GET", std::string("/kubeloop/v1/flow?from=1") + (command.is_following ? "&follow=true" : ""));
  auto response = co_await (*hub)->send(std::move(request));
  if (!response || response->code != 200) {
    terminal.error(response ? response->text() : response.error().message);
    co_return 1;
  }
  std::string buffer;
  auto print_lines = [&](std::string_view chunk) {
    buffer += chunk;
    std::size_t start = 0;
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', start)) {
      std::string line = buffer.substr(start, end - start);
      start = end + 1;
      auto event = parse_flow_event(line);
      if (!event || event->kind.empty() || !concerns(*event, command.pod)) continue;
      std::fputs(command.output == "json"
                     ? (line + "\n").c_str()
                     : fmt::format("{} {}\n", api::format_micro_time(event->time), flow_line(*event)).c_str(),
                 stdout);
    }
    buffer.erase(0, start);
    std::fflush(stdout);
  };
  if (!response->is_stream()) {
    print_lines(response->text());
    co_return 0;
  }
  auto body = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
  for (;;) {
    auto chunk = co_await body->next();
    if (!chunk || chunk->empty()) co_return chunk ? 0 : 1;
    print_lines(*chunk);
  }
}

}  // namespace

int run_flow(const FlowCommand& command) {
  Terminal terminal;
  if (!command.pod.empty() && command.pod.find('/') == std::string::npos) {
    terminal.error("--pod takes NAMESPACE/NAME, not \"" + command.pod + "\"");
    return 2;
  }
  return run_real(
      [&](const Env& env, boost::asio::io_context& context) { return flow(env, context, command, terminal); });
}

}  // namespace kubeloop::cli
