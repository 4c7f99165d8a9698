//! The rate limit on a clock that stands still but for the waiting.

use tokio::time::{Instant, advance};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_hundred_requests_may_be_sent_at_once_and_then_fifty_a_second() {
    let (limit, start) = (RateLimit::default(), Instant::now());
    for _ in 0..100 {
        limit.wait().await;
    }
    assert!(start.elapsed() < Duration::from_millis(50));
    for _ in 0..100 {
        limit.wait().await;
    }
    let waited = start.elapsed();
    assert!((1900..2100).contains(&waited.as_millis()), "{waited:?}");
    advance(Duration::from_hours(1)).await;
    let start = Instant::now();
    for _ in 0..100 {
        limit.wait().await;
    }
    assert!(
        start.elapsed() < Duration::from_millis(50),
        "a pause earns no more than that"
    );
}
