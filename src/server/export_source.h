// ExportSource: all events of a question as a body that is made as it is sent.
#pragma once

#include <memory>
#include <stop_token>
#include <utility>

#include "agentaudit/store/store.h"
#include "core/event_pages.h"
#include "render/event_format.h"
#include "server/http_message.h"

namespace agentaudit {

class ExportSource final : public BodySource {
 public:
  // `filter` is validated. Takes a share in the store. Breaks off when `gone` asks for it.
  ExportSource(std::shared_ptr<Store> store, ListOpts filter, EventFormat format,
               std::stop_token gone)
      : store_(std::move(store)),
        pages_(*store_, std::move(filter)),
        format_(format),
        gone_(std::move(gone)) {}

  [[nodiscard]] State produce(std::string& out) override;

 private:
  std::shared_ptr<Store> store_;
  EventPages pages_;
  EventFormat format_;
  std::stop_token gone_;
  bool started_ = false;
};

}  // namespace agentaudit
