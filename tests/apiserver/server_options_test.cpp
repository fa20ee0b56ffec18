// The flags of the program.
#include "apiserver/server_options.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kubeloop::apiserver {
namespace {

ParsedOptions parse(std::vector<std::string> words) {
  words.insert(words.begin(), "apiserver");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  return parse_server_options(static_cast<int>(argv.size()), argv.data());
}

TEST_CASE("the flags of a secure server") {
  auto parsed = parse({"--secure-port=7000", "--data-dir", "/d", "--tls-cert-file=c", "--tls-private-key-file=k",
                       "--client-ca-file=ca", "--event-ttl=30m", "-v", "4", "--seed", "9",
                       "--default-not-ready-toleration-seconds=5", "--service-cluster-ip-range=10.0.0.0/16",
                       "--service-node-port-range=31000-31999", "--advertise-address=10.9.8.7"});
  CHECK_FALSE(parsed.exit_code.has_value());
  const auto& options = parsed.options;
  CHECK(options.secure_port == 7000);
  CHECK(options.store == "sqlite");
  CHECK(options.data_dir == "/d");
  CHECK(options.client_ca_file == "ca");
  CHECK(options.hub.event_ttl == std::chrono::minutes(30));
  CHECK(options.hub.store_name == "SQLite");
  CHECK(options.hub.not_ready_toleration_seconds == 5);
  CHECK(options.hub.unreachable_toleration_seconds == 300);
  CHECK_FALSE(options.hub.is_insecure);
  CHECK(options.verbosity == 4);
  CHECK(options.seed == 9);
  CHECK(options.hub.service_ranges.network_text() == "10.0.0.0/16");
  CHECK(options.hub.service_ranges.ports_text() == "31000-31999");
  CHECK(options.hub.advertise_address == "10.9.8.7");
}

TEST_CASE("an insecure one in memory") {
  auto parsed = parse({"--insecure", "--store=memory"});
  CHECK_FALSE(parsed.exit_code.has_value());
  CHECK(parsed.options.hub.is_insecure);
  CHECK(parsed.options.hub.store_name == "memory");
  CHECK(parsed.options.bind_address == "127.0.0.1");
  CHECK(parsed.options.secure_port == 6443);
}

TEST_CASE("wrong usage is 2, help is 0") {
  CHECK(parse({"--help"}).exit_code == 0);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--insecure"},  // sqlite without a folder
        {"--store=memory"},                      // neither TLS nor --insecure
        {"--store=paper", "--insecure"},
        {"--store=memory", "--insecure", "--tls-cert-file=c"},
        {"--store=memory", "--insecure", "--event-ttl=soon"},
        {"--store=memory", "--insecure", "--event-ttl=0s"},
        {"--store=memory", "--insecure", "--secure-port=70000"},
        {"--store=memory", "--insecure", "--service-cluster-ip-range=10.0.0.1/16"},
        {"--store=memory", "--insecure", "--service-node-port-range=3-2"},
        {"--store=memory", "--insecure", "--advertise-address=127.0.0.1"},
        {"--store=memory", "--insecure", "--unknown"}}) {
    CHECK(parse(words).exit_code == 2);
  }
}

}  // namespace
}  // namespace kubeloop::apiserver
