#include "kubelet-sim/config_file.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace kubeloop::kubelet_sim {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;

json to_json(const api::Taint& taint) {
  json one = json::object();
  one["key"] = taint.key;
  if (!taint.value.empty()) one["value"] = taint.value;
  one["effect"] = taint.effect;
  return one;
}

json to_json(const NodeProfile& profile) {
  json one = json::object();
  one["name"] = profile.name;
  one["capacity"] = profile.capacity;
  if (!profile.labels.empty()) one["labels"] = profile.labels;
  for (const auto& taint : profile.taints) one["taints"].push_back(to_json(taint));
  return one;
}

NodeProfile profile_of(const json& one) {
  NodeProfile profile;
  profile.name = one.at("name").get<std::string>();
  if (one.contains("capacity")) profile.capacity = one.at("capacity").get<api::StringMap>();
  if (one.contains("labels")) profile.labels = one.at("labels").get<api::StringMap>();
  for (const auto& entry : one.value("taints", json::array())) {
    api::Taint taint;
    taint.key = entry.at("key").get<std::string>();
    taint.value = entry.value("value", "");
    taint.effect = entry.at("effect").get<std::string>();
    profile.taints.push_back(std::move(taint));
  }
  return profile;
}

ImageRule rule_of(const json& one) {
  ImageRule rule;
  rule.texts = one.get<std::map<std::string, std::string>>();
  auto image = rule.texts.extract("image");
  if (image.empty()) throw std::invalid_argument("a behaviour without an image");
  rule.image = image.mapped();
  for (const auto& [name, text] : rule.texts) {
    Behaviour tried;
    if (!apply_behaviour(tried, name, text)) {
      throw std::invalid_argument(fmt::format("behaviour of {}: {} \"{}\" cannot be read", rule.image, name, text));
    }
  }
  return rule;
}

}  // namespace

std::string config_text(const Options& options) {
  json nodes = json::array();
  for (const auto& profile : options.nodes) nodes.push_back(to_json(profile));
  json rules = json::array();
  for (const auto& rule : options.image_rules) {
    json one = rule.texts;
    one["image"] = rule.image;
    rules.push_back(std::move(one));
  }
  json config = json::object();
  config["format"] = kFormat;
  config["nodes"] = std::move(nodes);
  config["behaviours"] = std::move(rules);
  return config.dump(2) + "\n";
}

Result<Options> parse_config(std::string_view text) {
  auto config = json::parse(text, nullptr, false);
  if (!config.is_object() || config.value("format", json()) != kFormat) {
    return failure(400, "BadRequest", fmt::format("no configuration of format {}", kFormat));
  }
  Options options;
  try {
    const auto& nodes = config.at("nodes");
    if (nodes.size() > kMaxConfiguredNodes) {
      return failure(400, "BadRequest", fmt::format("more than {} nodes", kMaxConfiguredNodes));
    }
    for (const auto& one : nodes) options.nodes.push_back(profile_of(one));
    for (const auto& one : config.value("behaviours", json::array())) options.image_rules.push_back(rule_of(one));
  } catch (const std::exception& error) {
    return failure(400, "BadRequest", error.what());
  }
  return options;
}

}  // namespace kubeloop::kubelet_sim
