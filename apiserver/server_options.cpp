#include "apiserver/server_options.hpp"

#include <CLI/CLI.hpp>

#include "apiserver/signed_duration.hpp"
#include "apiserver/strategies/ip_address.hpp"

namespace kubeloop::apiserver {
namespace {

// A flag whose value is a duration as Go writes it.
void add_duration(CLI::App& app, const std::string& name, Duration& into, const std::string& help) {
  app.add_option_function<std::string>(
         name,
         [&into](const std::string& text) {
           auto parsed = parse_signed_duration(text);
           if (parsed && *parsed > Duration::zero()) into = *parsed;
         },
         help)
      ->check([](const std::string& text) {
        auto parsed = parse_signed_duration(text);
        if (!parsed) return parsed.error();
        return *parsed > Duration::zero() ? std::string() : std::string("must be longer than nothing");
      });
}

std::string check_advertised(const std::string& text) {
  FieldErrors errors;
  check_endpoint_ip("", text, errors);
  return !errors.empty() ? errors.front().message : parse_ipv4(text) ? "" : "must be an IPv4 address";
}

// A flag whose value `parse` reads into `ranges`; what is wrong with it is told.
void add_range(CLI::App& app, const std::string& name, std::string (*parse)(std::string_view, ServiceRanges&),
               ServiceRanges& ranges, const std::string& help) {
  auto take = [parse, &ranges](const std::string& text) { parse(text, ranges); };
  app.add_option_function<std::string>(name, take, help)->check([parse](const std::string& text) {
    ServiceRanges tried;
    return parse(text, tried);
  });
}

void add_flags(CLI::App& app, ServerProgramOptions& options) {
  app.add_option("--bind-address", options.bind_address, "where to listen")->capture_default_str();
  app.add_option("--secure-port", options.secure_port, "0 = a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--store", options.store, "where objects are kept")
      ->check(CLI::IsMember({"sqlite", "memory"}))
      ->capture_default_str();
  app.add_option("--data-dir", options.data_dir, "the folder of the sqlite store");
  app.add_option("--tls-cert-file", options.tls_cert_file, "PEM, the server's certificate");
  app.add_option("--tls-private-key-file", options.tls_private_key_file, "PEM, its key");
  app.add_option("--client-ca-file", options.client_ca_file, "PEM: who signs clients' certificates");
  app.add_flag("--insecure", options.hub.is_insecure,
               "nobody is asked who they are; plain HTTP without --tls-cert-file");
  add_duration(app, "--event-ttl", options.hub.event_ttl, "how long events are kept (1h0m0s)");
  add_duration(app, "--request-timeout", options.hub.request_timeout, "of requests that are no watches (1m0s)");
  add_duration(app, "--etcd-compaction-interval", options.hub.compaction_interval,
               "how often old revisions are dropped (5m0s)");
  app.add_option("--default-not-ready-toleration-seconds", options.hub.not_ready_toleration_seconds,
                 "how long pods stay on a node that is not ready")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--default-unreachable-toleration-seconds", options.hub.unreachable_toleration_seconds,
                 "how long pods stay on a node that cannot be reached")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  auto& ranges = options.hub.service_ranges;
  add_range(app, "--service-cluster-ip-range", parse_network, ranges, "cluster IPs of services (10.96.0.0/12)");
  add_range(app, "--service-node-port-range", parse_ports, ranges, "node ports of services (30000-32767)");
  app.add_option("--advertise-address", options.hub.advertise_address,
                 "where the service kubernetes leads to; no loopback address")
      ->check(check_advertised)
      ->capture_default_str();
  app.add_option("--log-file", options.log_file, "instead of stderr");
  app.add_option("--seed", options.seed, "for repeatable names and uids");
  app.add_option("-v,--v", options.verbosity, "4 and more shows debug lines")->capture_default_str();
}

// What no single flag can tell; "" when all is well.
std::string check_together(const ServerProgramOptions& options) {
  if (options.store == "sqlite" && options.data_dir.empty()) return "--data-dir is required with --store=sqlite";
  if (options.tls_cert_file.empty() != options.tls_private_key_file.empty()) {
    return "--tls-cert-file and --tls-private-key-file belong together";
  }
  if (options.tls_cert_file.empty() && !options.hub.is_insecure)
    return "--tls-cert-file is required without --insecure";
  return "";
}

}  // namespace

ParsedOptions parse_server_options(int argc, char** argv) {
  ParsedOptions out;
  CLI::App app{"kubeloop apiserver: the hub that stores the cluster's objects and tells everybody of their changes"};
  add_flags(app, out.options);
  try {
    app.parse(argc, argv);
    auto problem = check_together(out.options);
    if (!problem.empty()) throw CLI::ValidationError(problem);
  } catch (const CLI::ParseError& error) {
    out.exit_code = app.exit(error) == 0 ? 0 : 2;
  }
  out.options.hub.store_name = out.options.store == "sqlite" ? "SQLite" : "memory";
  return out;
}

}  // namespace kubeloop::apiserver
