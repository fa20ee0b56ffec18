// The story of a run as a Mermaid sequence diagram, which GitHub and others draw. Same runs, same bytes. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "simulator/report/run_report.hpp"

namespace kubeloop::simulator {

struct MermaidLimits {
  std::size_t messages = 120;       // of all runs together; a note says how many more there are
  std::size_t characters = 40'000;  // GitHub draws nothing beyond 50,000
  std::size_t label = 110;          // code points of one message
};

// One `sequenceDiagram`; several runs stand one below the other, each under a note with its name.
std::string to_mermaid(const std::vector<RunReport>& reports, MermaidLimits limits = {});
// A Markdown page with that diagram in it, for files that end in ".md".
std::string to_mermaid_page(const std::vector<RunReport>& reports, MermaidLimits limits = {});

// `text` as a label: what has a meaning to Mermaid is written by number ("#59;"), line ends become spaces, and what is
// longer than `limit` code points is cut.
std::string mermaid_label(std::string_view text, std::size_t limit);

}  // namespace kubeloop::simulator
