#include "apiserver/storage/header_codec.hpp"

#include <doctest/doctest.h>

#include "libs/base/rng.hpp"
#include "tests/storage/sample_pods.hpp"

namespace kubeloop::apiserver {

TEST_CASE("a header comes back as it was") {
  Header full = *put_pod("web", 0).header;
  full.labels = {{"", ""}, {"app", "web"}, {"long", std::string(300, 'x')}};
  full.fields = {{"spec.nodeName", ""}, {"status.phase", "Running"}};
  full.revision_offset = 4294967295U;
  for (const Header& header : {Header(), full}) {
    auto back = decode_header(encode_header(header));
    REQUIRE(back);
    CHECK(is_same(*back, header));
  }
}

TEST_CASE("damaged bytes are refused and never read beyond their end") {
  std::string bytes = encode_header(*put_pod("web", 0).header);
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK(!decode_header(bytes.substr(0, n)));
  CHECK(!decode_header(bytes + "x"));
  bytes[0] = 2;
  CHECK(!decode_header(bytes));
  CHECK(!decode_header(std::string(1, '\1') + std::string(12, '\xff')));
  Rng rng(1);
  for (int i = 0; i < 5000; ++i) {  // whatever the bytes, no crash; ASan looks on in CI
    std::string noise(1, '\1');
    for (auto n = rng.below(40); n > 0; --n) noise += static_cast<char>(rng.below(256));
    if (auto header = decode_header(noise)) CHECK(header->labels.size() < noise.size());
  }
}

}  // namespace kubeloop::apiserver
