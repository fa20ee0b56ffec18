// Completion in shells. The script that `kubeloop completion SHELL` prints asks the program itself, with the hidden
// first word `__complete`, what could stand at the cursor; so it always knows what this build knows.
#pragma once
#include <string>
#include <vector>

namespace kubeloop::cli {

inline constexpr const char* kCompleteWord = "__complete";

struct Candidates {
  std::vector<std::string> words;  // all begin with the word at the cursor
  bool are_files = false;          // a file name is wanted: the shell knows them
};

// What could stand in the place of the last of `words`, which follow the program's name; `clusters` are the names of
// those that exist.
Candidates find_candidates(const std::vector<std::string>& words, const std::vector<std::string>& clusters);

// Prints them, one a line; a last line ":files" asks the shell for file names. Always 0: a shell shows no errors here.
int print_candidates(const std::vector<std::string>& words);

}  // namespace kubeloop::cli
