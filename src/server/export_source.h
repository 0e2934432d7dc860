// ExportSource: all events of a question as a body that is made as it is sent.
#pragma once

#include <memory>

#include "agentaudit/store/store.h"
#include "core/event_pages.h"
#include "render/event_format.h"
#include "server/http_message.h"

namespace agentaudit {

class ExportSource final : public BodySource {
 public:
  // `filter` is validated. Takes a share in the store.
  ExportSource(std::shared_ptr<Store> store, ListOpts filter, EventFormat format)
      : store_(std::move(store)), pages_(*store_, std::move(filter)), format_(format) {}

  [[nodiscard]] State produce(std::string& out) override;

 private:
  std::shared_ptr<Store> store_;
  EventPages pages_;
  EventFormat format_;
  bool started_ = false;
};

}  // namespace agentaudit
