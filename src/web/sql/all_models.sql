-- The registry of models, the newest first.
select * from wh.ml_models order by trained_at desc, model
