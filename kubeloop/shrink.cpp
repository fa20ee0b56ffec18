#include "kubeloop/shrink.hpp"

#include <fmt/format.h>

#include "kubeloop/repeat.hpp"
#include "simulator/launcher/cluster_directory.hpp"
#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/lint/scenario_document.hpp"
#include "simulator/scenario/matrix.hpp"
#include "simulator/scenario/source.hpp"
#include "simulator/sweep/scenario_text.hpp"
#include "simulator/sweep/shrink.hpp"

namespace kubeloop::cli {
namespace {

using namespace simulator;

// The document that the run was read from, its parameters in place.
Result<nlohmann::json> document_of(const SelectedRun& run) {
  auto text = read_input_file(run.file);
  if (!text) return std::unexpected(text.error());
  auto document = read_scenario_document(run.file, *text);
  if (!document) return failure(400, "BadRequest", document.error().message);
  Source source(run.file, *document);
  Settings settings;
  for (const auto& [name, value] : run.scenario.parameters) settings[name] = value;
  auto combinations = expand_matrix(source, settings);
  if (combinations.empty()) return failure(400, "BadRequest", run.file + ": cannot be read again");
  return combinations.front().document.value;
}

}  // namespace

Result<void> shrink_failure(const RunCommand& command, const SelectedRun& run, const VirtualRunOptions& options,
                            const RunReport& failed, Terminal& terminal) {
  auto document = document_of(run);
  if (!document) return std::unexpected(document.error());
  terminal.begin("shrinking " + run.scenario.name);
  ShrinkOptions shrinking;
  shrinking.progress = [&terminal](std::size_t runs, std::size_t steps, std::size_t faults) {
    terminal.progress(fmt::format("{} runs, {} steps, {} faults", runs, steps, faults));
  };
  Shrunk shrunk = shrink(*document, run.scenario, options, failed, shrinking);
  terminal.done();
  if (shrunk.report.verdict == Verdict::kPassed) {
    return failure(500, "InternalError",
                   "with its faults written out the run does not fail any more: nothing is smaller");
  }
  std::string again =
      fmt::format("kubeloop run {} --time virtual{}", shell_word(command.shrink_to), fidelity_options(command));
  if (shrunk.report.verdict == Verdict::kDiverged) again += " --twice";
  std::string comment =
      fmt::format("Fails: {}: {}\nAgain: {}\n", verdict_name(shrunk.report.verdict), shrunk.report.message, again);
  auto written = write_file(command.shrink_to, scenario_text(shrunk.document, comment), 0644);
  if (!written) return written;
  fmt::print("shrunk to {} steps and {} faults in {} runs: {}\n     again: {}\n", shrunk.steps, shrunk.faults,
             shrunk.runs, command.shrink_to, again);
  return {};
}

}  // namespace kubeloop::cli
