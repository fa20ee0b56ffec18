// The operators of a partial match: {$gte: 3}, {$in: [a, b]}, {$size: {$gt: 1}}, ... All keys of such a mapping begin
// with "$", and all of them must hold. Pure; nothing throws on what a file or an object may contain.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace kubeloop::simulator {

// A mapping that is not empty and whose keys all begin with "$".
bool is_operator(const nlohmann::json& pattern);

// "" when `document` (null: there is nothing) is as asked, else why not: `spec.replicas is 2, expected at least 3`.
// $gt, $gte, $lt, $lte compare numbers, quantities ("100m" is less than "1") and RFC 3339 times; $ne holds also where
// nothing is; $regex finds anywhere in a text; $size counts elements, members or characters; $all, $any and $none take
// a pattern, or a list of which one must match, and ask for every, some or no element.
std::string match_operator(const nlohmann::json* document, const nlohmann::json& pattern, const std::string& path);

// "at least 3", `one of "a", "b"`, "unset": reads well after "expected".
std::string describe_operator(const nlohmann::json& pattern);

struct PatternProblem {
  std::string pointer;  // JSON pointer in the pattern
  std::string message;
};
// The first thing that is wrong with a pattern: an operator that there is not, an operand of the wrong kind.
std::optional<PatternProblem> check_pattern(const nlohmann::json& pattern);

// A count as files write it: a whole number, or operators on it.
bool passes(std::int64_t number, const nlohmann::json& test);
std::string describe_count(const nlohmann::json& test);  // "3", "at least 3"
// "" or what is wrong with it as a count.
std::string check_count(const nlohmann::json& test);

}  // namespace kubeloop::simulator
