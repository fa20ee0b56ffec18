#include "libs/api/names.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libs/base/rng.hpp"

using namespace kubeloop;
using namespace kubeloop::api;

namespace {

const std::string kSubdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const std::string kLabel =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const std::string kLabel1035 =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and "
    "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";
const std::string kQualified =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const std::string kValue =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

}  // namespace

// Rules and texts: apimachinery util/validation (reference 6.1).
TEST_CASE("names: DNS-1123 subdomain") {
  for (std::string good : {"a", "a.b", "node-1", "1", "a--b", "x.y-z.9"}) {
    CAPTURE(good);
    CHECK(check_dns1123_subdomain(good).empty());
  }
  for (std::string bad : {"", "A", "a.", ".a", "a..b", "-a", "a-", "a_b", "a.-b", "a/b", "\xc3\xa4"}) {
    CAPTURE(bad);
    CHECK(check_dns1123_subdomain(bad) == Messages{kSubdomain});
  }
  CHECK(check_dns1123_subdomain(std::string(253, 'a')).empty());
  CHECK(check_dns1123_subdomain(std::string(254, 'a')) == Messages{"must be no more than 253 bytes"});
  CHECK(check_dns1123_subdomain(std::string(254, '-')) == Messages{"must be no more than 253 bytes", kSubdomain});
}

TEST_CASE("names: DNS-1123 and DNS-1035 labels") {
  CHECK(check_dns1123_label("1-a").empty());
  CHECK(check_dns1123_label("a.b") == Messages{kLabel});
  CHECK(check_dns1123_label("") == Messages{kLabel});
  CHECK(check_dns1123_label(std::string(64, 'a')) == Messages{"must be no more than 63 bytes"});
  CHECK(check_dns1035_label("a-1").empty());
  CHECK(check_dns1035_label("1-a") == Messages{kLabel1035});
  CHECK(check_dns1035_label("") == Messages{kLabel1035});
}

TEST_CASE("names: label and annotation keys") {
  for (std::string good : {"app", "App_1.x", "example.com/MyName", "node-role.kubernetes.io/control-plane"}) {
    CAPTURE(good);
    CHECK(check_qualified_name(good).empty());
  }
  CHECK(check_qualified_name("") == Messages{"name part must be non-empty", "name part " + kQualified});
  CHECK(check_qualified_name("a b") == Messages{"name part " + kQualified});
  CHECK(check_qualified_name("/x") == Messages{"prefix part must be non-empty"});
  CHECK(check_qualified_name("A/x") == Messages{"prefix part " + kSubdomain});
  CHECK(check_qualified_name("a.b/") == Messages{"name part must be non-empty", "name part " + kQualified});
  CHECK(check_qualified_name(std::string(64, 'a')) == Messages{"name part must be no more than 63 bytes"});
  CHECK(check_qualified_name("a/b/c") == Messages{"a qualified name " + kQualified +
                                                  " with an optional DNS subdomain prefix and '/' (e.g. "
                                                  "'example.com/MyName')"});
  CHECK(check_annotation_key("Example.COM/Name").empty());
  CHECK(!check_qualified_name("Example.COM/Name").empty());
}

TEST_CASE("names: label values") {
  for (std::string good : {"", "a", "A_b.c-1", "12345"}) CHECK(check_label_value(good).empty());
  for (std::string bad : {"-", "a-", "_a", "a b", "a/b"}) CHECK(check_label_value(bad) == Messages{kValue});
  CHECK(check_label_value(std::string(64, 'a')) == Messages{"must be no more than 63 bytes"});
}

TEST_CASE("names: path segments, port names, prefixes") {
  CHECK(check_path_segment("a:b").empty());
  CHECK(check_path_segment(".") == Messages{"may not be '.'"});
  CHECK(check_path_segment("..") == Messages{"may not be '..'"});
  CHECK(check_path_segment("..", true).empty());
  CHECK(check_path_segment("a/b%c") == Messages{"may not contain '/'", "may not contain '%'"});
  CHECK(check_port_name("http-1").empty());
  CHECK(check_port_name("80") == Messages{"must contain at least one letter (a-z)"});
  CHECK(check_port_name("a--b") == Messages{"must not contain consecutive hyphens"});
  CHECK(check_port_name("-a") == Messages{"must not begin or end with a hyphen"});
  CHECK(check_port_name("Ab") == Messages{"must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"});
  CHECK(check_port_name("abcdefghijklmnop") == Messages{"must be no more than 15 bytes"});
  CHECK(mask_trailing_dash("web-") == "wea");
  CHECK(mask_trailing_dash("-") == "-");
  CHECK(mask_trailing_dash("web") == "web");
}

TEST_CASE("names: a good subdomain is a path segment and its parts are labels") {
  Rng rng(7);
  int good = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = rng.word(rng.below(9), "ab1-.A_/%");
    bool is_good = check_dns1123_subdomain(text).empty();
    check_label_value(text);
    check_port_name(text);
    check_annotation_key(text);
    if (!is_good) continue;
    ++good;
    CAPTURE(text);
    REQUIRE(check_path_segment(text).empty());
    REQUIRE(check_qualified_name(text).empty());
    REQUIRE(check_dns1123_label(text.substr(0, text.find('.'))).empty());
  }
  CHECK(good > 100);
}
