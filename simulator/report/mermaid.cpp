#include "simulator/report/mermaid.hpp"

#include <fmt/format.h>

#include "simulator/report/lanes.hpp"
#include "simulator/report/markup.hpp"

namespace kubeloop::simulator {
namespace {

// The least that is told of a line besides who and what.
std::string message_of(const StoryLine& line) {
  std::string text = line.action + " " + line.object;
  if (line.revision != 0) text += fmt::format(", rev {}", line.revision);
  if (line.code != 0) text += fmt::format(", refused with code {}", line.code);
  if (line.action == "event" && !line.details.empty()) text = "event: " + line.details.front();
  if (line.action == "decides" && !line.details.empty()) text += ": " + line.details.back();
  if (line.seen != 0) text += fmt::format(" at rev {}", line.seen);
  return text;
}

class Drawing {
 public:
  Drawing(const std::vector<RunReport>& reports, MermaidLimits limits) : reports_(reports), limits_(limits) {}

  std::string draw() {
    std::vector<StoryLine> all;
    for (const auto& report : reports_) all.insert(all.end(), report.story.begin(), report.story.end());
    lanes_ = lanes_of(all);
    out_ = "sequenceDiagram\n";
    for (std::size_t i = 0; i < lanes_.lanes.size(); ++i) {
      const auto& lane = lanes_.lanes[i];
      std::string label = mermaid_label(lane.name, limits_.label);
      if (!lane.group.empty()) label = mermaid_label(lane.group, limits_.label) + "<br/>" + label;
      out_ += fmt::format("  participant p{} as {}\n", i, label);
    }
    for (const auto& report : reports_) draw_run(report);
    if (left_out_ != 0) {
      note(fmt::format("{} more messages are left out; --report html=FILE shows them all", left_out_));
    }
    return out_;
  }

 private:
  void note(const std::string& text) {
    std::string last = lanes_.lanes.size() > 1 ? fmt::format(",p{}", lanes_.lanes.size() - 1) : "";
    out_ += fmt::format("  Note over p0{}: {}\n", last, mermaid_label(text, 2 * limits_.label));
  }

  void draw_run(const RunReport& report) {
    note(verdict_line(report));
    for (const auto& line : report.story) {
      if (drawn_ >= limits_.messages || out_.size() >= limits_.characters) {
        ++left_out_;
        continue;
      }
      ++drawn_;
      draw_line(line, static_cast<double>((line.time - report.began).count()) / 1e9);
    }
  }

  void draw_line(const StoryLine& line, double at) {
    auto place = lanes_.places.at(line.actor);
    std::string label = mermaid_label(fmt::format("{:.3f}s {}", at, message_of(line)), limits_.label);
    switch (direction_of(line)) {
      case Direction::kToHub:
        out_ += fmt::format("  p{}{}p{}: {}\n", place, line.code == 0 ? "->>" : "-x", lanes_.hub, label);
        break;
      case Direction::kFromHub:
        out_ += fmt::format("  p{}-->>p{}: {}\n", lanes_.hub, place, label);
        break;
      case Direction::kWithin:
        out_ += fmt::format("  Note over p{}: {}\n", place, label);
        break;
    }
  }

  const std::vector<RunReport>& reports_;
  MermaidLimits limits_;
  Lanes lanes_;
  std::string out_;
  std::size_t drawn_ = 0, left_out_ = 0;
};

bool is_harmless(char32_t point) {
  if ((point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') || (point >= '0' && point <= '9')) return true;
  static constexpr std::u32string_view kMarks = U" .,/-_=()+'";
  return kMarks.find(point) != std::u32string_view::npos;
}

}  // namespace

std::string mermaid_label(std::string_view text, std::size_t limit) {
  auto points = code_points(text);
  bool is_cut = points.size() > limit;
  if (is_cut) points.resize(limit);
  std::string out;
  for (char32_t point : points) {
    if (is_harmless(point)) {
      append_utf8(out, point);
    } else if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
      out += ' ';
    } else {
      out += fmt::format("#{};", static_cast<unsigned>(point));
    }
  }
  return is_cut ? out + "..." : out;
}

std::string to_mermaid(const std::vector<RunReport>& reports, MermaidLimits limits) {
  return Drawing(reports, limits).draw();
}

std::string to_mermaid_page(const std::vector<RunReport>& reports, MermaidLimits limits) {
  return "```mermaid\n" + to_mermaid(reports, limits) + "```\n";
}

}  // namespace kubeloop::simulator
