// The pure part of allocation: ranges, the pool of numbers, and what follows from the stored services.
#include "apiserver/registry/service_addresses.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace kubeloop::apiserver {
namespace {

ServiceRanges small_ranges() {
  ServiceRanges ranges;
  CHECK(parse_network("10.0.0.0/29", ranges) == "");
  CHECK(parse_ports("30000-30009", ranges) == "");
  return ranges;
}

Change change_of(const std::string& name, const std::string& spec, Change::Kind kind = Change::Kind::kPut) {
  Change change;
  auto header = std::make_shared<Header>();
  header->resource = "services";
  header->name = name;
  change.key = "/registry/services/specs/default/" + name;
  change.kind = kind;
  change.header = header;
  change.value = std::make_shared<std::string>(R"({"spec":)" + spec + "}");
  return change;
}

TEST_CASE("service ranges: parsing") {
  ServiceRanges ranges;
  CHECK(ranges.network_text() == "10.96.0.0/12");
  CHECK(format_ipv4(ranges.first_ip()) == "10.96.0.1");
  CHECK(format_ipv4(ranges.last_ip()) == "10.111.255.254");
  CHECK(ranges.ports_text() == "30000-32767");
  for (const char* text : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/7", "10.0.0.1/24", "10.0.0/24", "300.0.0.0/8",
                           "fd00::/108", "10.0.0.0/", "10.0.0.00/24"}) {
    CAPTURE(text);
    CHECK(parse_network(text, ranges) != "");
  }
  for (const char* text : {"30000", "0-5", "40000-30000", "1-70000", "a-b", "-", "1-2-3"}) {
    CAPTURE(text);
    CHECK(parse_ports(text, ranges) != "");
  }
  CHECK(ranges.network_text() == "10.96.0.0/12");
}

// Source: KEP-3070 and KEP-3668.
TEST_CASE("service ranges: how much is kept for choosing") {
  CHECK(reserved_share(1u << 20, 16, 256) == 256);
  CHECK(reserved_share(254, 16, 256) == 16);
  CHECK(reserved_share(1022, 16, 256) == 63);
  CHECK(reserved_share(16, 16, 256) == 0);
  CHECK(reserved_share(2768, 32, 128) == 86);
}

TEST_CASE("number pool: the low end is drawn last, and every number once") {
  NumberPool pool(100, 139, 10);
  Rng rng(7);
  std::set<std::uint32_t> drawn;
  for (int i = 0; i < 40; ++i) {
    auto number = pool.draw(rng);
    REQUIRE(number.has_value());
    CHECK(pool.contains(*number));
    CHECK(drawn.insert(*number).second);
    CHECK((*number >= 110) == (i < 30));
    pool.take(*number);
  }
  CHECK_FALSE(pool.draw(rng).has_value());
  pool.release(105);
  CHECK(pool.draw(rng) == 105);
  pool.take(5);  // outside: no concern of the pool
  CHECK(pool.taken() == 39);
}

TEST_CASE("number pool: what is taken twice is released twice") {
  NumberPool pool(1, 10, 0);
  pool.take(3);
  pool.take(3);
  pool.release(3);
  CHECK(pool.is_taken(3));
  pool.release(3);
  CHECK_FALSE(pool.is_taken(3));
  pool.release(3);
  CHECK_FALSE(pool.is_taken(3));
}

TEST_CASE("service addresses follow the stored services") {
  ServiceAddresses addresses(small_ranges(), Rng(1), Rng(2));
  addresses.apply(change_of("a", R"({"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],)"
                                 R"("ports":[{"nodePort":30001},{"nodePort":30001},{"port":80}]})"));
  addresses.apply(change_of("b", R"({"clusterIP":"None","clusterIPs":["None"],"healthCheckNodePort":30002})"));
  CHECK(addresses.taken_ips() == 1);
  CHECK(addresses.taken_ports() == 2);
  auto other = change_of("a", R"({"clusterIP":"10.0.0.2"})");
  auto header = std::make_shared<Header>();
  header->resource = "configmaps";
  other.header = header;
  addresses.apply(other);
  CHECK(addresses.taken_ports() == 2);
  addresses.apply(change_of("a", R"({"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ports":[{"port":80}]})"));
  CHECK(addresses.taken_ips() == 1);
  CHECK(addresses.taken_ports() == 1);
  addresses.apply(change_of("a", "{}", Change::Kind::kDelete));
  addresses.apply(change_of("b", "{}", Change::Kind::kDelete));
  CHECK(addresses.taken_ips() == 0);
  CHECK(addresses.taken_ports() == 0);
}

TEST_CASE("a reservation holds while it lives") {
  ServiceAddresses addresses(small_ranges(), Rng(1), Rng(2));
  Instant now{};
  auto ip = *parse_ipv4("10.0.0.3");
  {
    AddressReservation first(addresses, false, now);
    CHECK(first.take_ip(ip).has_value());
    CHECK(first.take_port(30003).has_value());
    CHECK(first.take_port(30003).error() == "provided port is already allocated");
    AddressReservation second(addresses, false, now);
    CHECK(second.take_ip(ip).error() == "provided IP is already allocated");
    CHECK(second.take_port(30003).error() == "provided port is already allocated");
    CHECK(second.take_ip(*parse_ipv4("10.0.0.7")).error() ==
          "the provided IP (10.0.0.7) is not in the valid range. The range of valid IPs is 10.0.0.0/29");
    for (std::int64_t port : {80, 30010, 29999, -1, 70000}) {
      CHECK(second.take_port(port).error() ==
            "provided port is not in the valid range. The range of valid ports is 30000-30009");
    }
    for (int i = 0; i < 5; ++i) CHECK(second.draw_ip().value() != ip);
    CHECK(second.draw_ip().error() == "range is full");
  }
  CHECK(addresses.taken_ips() == 0);
  CHECK(addresses.taken_ports() == 0);
}

TEST_CASE("a dry run takes nothing and draws nothing") {
  ServiceAddresses addresses(small_ranges(), Rng(1), Rng(2)), same(small_ranges(), Rng(1), Rng(2));
  AddressReservation dry(addresses, true, Instant{});
  CHECK(format_ipv4(dry.draw_ip().value()) == "10.0.0.0");
  CHECK(dry.draw_port() == 32769u);
  CHECK(dry.draw_port() == 32770u);
  CHECK(dry.take_ip(*parse_ipv4("10.0.0.1")).has_value());
  CHECK(dry.take_port(30001).has_value());
  CHECK_FALSE(dry.take_port(30001).has_value());
  CHECK(addresses.taken_ips() == 0);
  CHECK(addresses.taken_ports() == 0);
  AddressReservation real(addresses, false, Instant{}), other(same, false, Instant{});
  CHECK(real.draw_ip() == other.draw_ip());
  CHECK(real.draw_port() == other.draw_port());
}

TEST_CASE("a request that is cut off while it writes leaves its addresses taken for a minute") {
  ServiceAddresses addresses(small_ranges(), Rng(1), Rng(2));
  Instant now{};
  {
    AddressReservation cut(addresses, false, now);
    CHECK(cut.take_port(30001).has_value());
    cut.begin_write();
  }
  AddressReservation next(addresses, false, now + std::chrono::seconds(59));
  CHECK_FALSE(next.take_port(30001).has_value());
  AddressReservation later(addresses, false, now + std::chrono::seconds(60));
  CHECK(later.take_port(30001).has_value());
}

}  // namespace
}  // namespace kubeloop::apiserver
