#include "kubeloop/completion.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "kubeloop/options.hpp"
#include "simulator/launcher/cluster_directory.hpp"
#include "simulator/launcher/cluster_up.hpp"
#include "simulator/scenario/lint_codes.hpp"

namespace kubeloop::cli {
namespace {

const std::vector<std::string>& code_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& code : simulator::lint_codes()) names.emplace_back(code.code);
    return names;
  }();
  return kNames;
}

// What each option takes that its definition does not tell.
const std::vector<std::string>* values_of(const std::string& option, const std::vector<std::string>& clusters) {
  static const std::vector<std::string> kComponents(std::begin(simulator::kDaemons), std::end(simulator::kDaemons));
  static const std::vector<std::string> kShells{"bash", "fish", "zsh"};
  static const std::vector<std::string> kStores{"memory", "sqlite"};
  static const std::vector<std::string> kTimes{"real", "virtual"};
  static const std::vector<std::string> kReports{"html=", "json=", "junit=", "mermaid=", "text"};
  static const std::vector<std::string> kOutputs{"json", "text"};
  if (option == "--name" || option == "--on") return &clusters;
  if (option == "COMPONENT") return &kComponents;
  if (option == "SHELL") return &kShells;
  if (option == "--store") return &kStores;
  if (option == "--time") return &kTimes;
  if (option == "--report") return &kReports;
  if (option == "--output" || option == "-o") return &kOutputs;
  if (option == "--explain") return &code_names();
  return nullptr;
}

bool takes_files(const std::string& option) {
  return option == "--kubeconfig" || option == "--data" || option == "FILE";
}

class Finder {
 public:
  Finder(const std::string& prefix, const std::vector<std::string>& clusters) : prefix_(prefix), clusters_(clusters) {}

  void offer(const std::string& word) {
    if (word.starts_with(prefix_) && word != prefix_) found_.words.push_back(word);
  }
  void offer_values(const std::string& option) {
    if (takes_files(option)) found_.are_files = true;
    if (const auto* values = values_of(option, clusters_)) std::ranges::for_each(*values, [&](auto& v) { offer(v); });
  }
  void offer_options(const CLI::App& command) {
    for (const auto* option : command.get_options()) {
      for (const auto& name : option->get_lnames()) offer("--" + name);
    }
  }
  void offer_positionals(const CLI::App& command) {
    for (const auto* option : command.get_options()) {
      if (option->get_positional()) offer_values(option->get_name());
    }
  }
  Candidates take() {
    std::ranges::sort(found_.words);
    return std::move(found_);
  }

 private:
  const std::string& prefix_;
  const std::vector<std::string>& clusters_;
  Candidates found_;
};

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

// The option that the word before the cursor leaves open, or null.
const CLI::Option* open_option(const CLI::App& command, const std::string& word) {
  if (!word.starts_with('-')) return nullptr;
  const auto* option = command.get_option_no_throw(word);
  return option && option->get_items_expected_max() > 0 ? option : nullptr;
}

}  // namespace

Candidates find_candidates(const std::vector<std::string>& words, const std::vector<std::string>& clusters) {
  CLI::App app;
  Commands commands;
  define_commands(app, commands);
  std::string last = words.empty() ? "" : words.back();
  if (words.size() <= 1) {
    Finder finder(last, clusters);
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      finder.offer(command->get_name());
    }
    if (last.starts_with('-')) finder.offer_options(app);
    return finder.take();
  }
  const auto* command = find_command(app, words.front());
  if (!command) return {};
  Finder finder(last, clusters);
  const std::string& before = words[words.size() - 2];
  if (words.size() > 2 && open_option(*command, before)) {
    finder.offer_values(before);
  } else if (last.starts_with('-')) {
    finder.offer_options(*command);
  } else {
    finder.offer_positionals(*command);
  }
  return finder.take();
}

int print_candidates(const std::vector<std::string>& words) {
  auto candidates = find_candidates(words, simulator::cluster_names());
  for (const auto& word : candidates.words) fmt::print("{}\n", word);
  if (candidates.are_files) fmt::print(":files\n");
  return 0;
}

}  // namespace kubeloop::cli
