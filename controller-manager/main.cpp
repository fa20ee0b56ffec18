// The controller manager as a program of its own.
#include <fmt/core.h>

#include <cstdio>

#include "controller-manager/controller_manager.hpp"
#include "controller-manager/flags.hpp"
#include "libs/client/kubeconfig.hpp"

using namespace kubeloop;

int main(int argc, char** argv) {
  auto parsed = controller_manager::parse_flags(std::vector<std::string>(argv + 1, argv + argc));
  if (auto* text = std::get_if<controller_manager::FlagsText>(&parsed)) {
    fmt::print(text->code == 0 ? stdout : stderr, "{}", text->text);
    return text->code;
  }
  auto& flags = std::get<controller_manager::Flags>(parsed);
  if (flags.options.root_ca_pem.empty()) {
    // A file that cannot be read is reported when the component starts.
    auto config = client::load_kubeconfig(flags.component.kubeconfig);
    if (config) flags.options.root_ca_pem = config->ca_pem;
  }
  return client::run_component(flags.component, [&flags](Env env, http::Transport& hub) {
    auto manager = std::make_shared<controller_manager::ControllerManager>(std::move(env), hub, flags.options);
    client::Component component;
    component.run = [manager] { return manager->run(); };
    component.stop = [manager] { return manager->stop(); };
    component.is_ready = [manager] { return manager->is_ready(); };
    component.metrics = [manager] { return manager->metrics(); };
    component.owner = manager;
    return component;
  });
}
