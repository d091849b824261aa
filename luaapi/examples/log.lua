Lines of the log.

--- debug
log.debug("the header has arrived", { fields = #headers })

--- info
log.info("seen", { sender = conn.sender, recipients = conn.recipients })

--- warn
log.warn("two spam flags", { values = msg.headers:all("X-Spam-Flag") })

--- error
log.error("the list of partners is empty")
