-- Returns every model with its newest version.
select model, max(version) as version
from wh.ml_models
group by model
order by model
