"""Questions through the batch APIs of providers: half the price, answers within a day.

`asking` is how a run asks; `sent` keeps what was sent; `post` makes a question into a request and a result into a
verdict, through the same client as when it is asked at once; `api` is what a provider's batch API can do, with one
file a provider beside it.
"""
