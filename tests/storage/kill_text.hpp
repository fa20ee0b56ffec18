// The write that kill_writer makes of a name and an expected revision: the same in the program and in the test that
// checks it.
#pragma once
#include "tests/storage/sample_pods.hpp"

namespace kubeloop::apiserver {

inline Write kill_write(const std::string& name, Revision expected, bool is_delete) {
  std::string text;
  std::string word = name + "@" + std::to_string(expected) + " ";
  for (Revision i = 0; i < expected % 97; ++i) text += word;
  return is_delete ? delete_pod(name, expected, text) : put_pod(name, expected, text);
}

}  // namespace kubeloop::apiserver
