// What the tests of the API share: a trail, and requests without sockets.
#pragma once

#include <algorithm>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/ascii.h"
#include "server/api.h"
#include "store/sqlite_trail.h"

namespace agentaudit {

using nlohmann::json;

class ApiTest : public SqliteTrail {
 protected:
  HttpResponse ask(const std::string& method, const std::string& target,
                   std::vector<HttpHeader> headers = {}, std::string body = {},
                   std::stop_token gone = {}) {
    HttpRequest request;
    request.gone = std::move(gone);
    request.method = method;
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = target.substr(0, mark);
    request.query = target.substr(std::min(mark + 1, target.size()));
    request.headers = std::move(headers);
    request.headers.push_back({.name = "Host", .value = "localhost"});
    request.body = std::move(body);
    return api_.handle(request);
  }
  HttpResponse post(std::string body, const std::string& type = "application/json",
                    std::vector<HttpHeader> headers = {}) {
    headers.push_back({.name = "Content-Type", .value = type});
    return ask("POST", "/api/v1/audit", std::move(headers), std::move(body));
  }
  json get(const std::string& target, int status = 200) {
    const HttpResponse response = ask("GET", target);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return json::parse(response.body);
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const HttpHeader& header : response.headers) {
      if (equal_ignoring_case(header.name, name)) return header.value;
    }
    return {};
  }
  static std::string whole(const HttpResponse& response) {
    std::string out;
    while (response.source->produce(out) == BodySource::State::more) {
    }
    return out;
  }

  std::shared_ptr<SqliteStore> store_ = open();
  Api api_{store_, {}};
};

}  // namespace agentaudit
